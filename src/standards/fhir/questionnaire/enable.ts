import { isJsonObject, type JsonObject } from '../json-object.ts';
import { compareValues } from './compare.ts';
import { choiceValue, objectsIn, type Value } from './item.ts';

/** Answers of one question a condition looks at: each of ten thousand items may have one. */
const mostCompared = 1_000;

/** All answers of a response, by the linkId of the item that has them. */
export type AnswersByLink = ReadonlyMap<string, readonly Value[]>;

export function answersByLink(response: JsonObject): AnswersByLink {
  const found = new Map<string, Value[]>();
  const walk = (holder: JsonObject): void => {
    for (const item of objectsIn(holder['item'])) {
      const link = String(item['linkId']);
      for (const answer of objectsIn(item['answer'])) {
        const value = choiceValue(answer);
        const given = found.get(link) ?? [];
        found.set(link, given);
        if (value !== undefined && given.length < mostCompared) given.push(value);
        walk(answer);
      }
      walk(item);
    }
  };
  walk(response);
  return found;
}

/** Whether an item is to be answered at all (R4 questionnaire.html, item.enableWhen). */
export function isEnabled(item: JsonObject, answers: AnswersByLink): boolean {
  const conditions = objectsIn(item['enableWhen']);
  if (conditions.length === 0) return true;
  const met = (condition: JsonObject) => isMet(condition, answers);
  return item['enableBehavior'] === 'any' ? conditions.some(met) : conditions.every(met);
}

function isMet(condition: JsonObject, answers: AnswersByLink): boolean {
  const given = answers.get(String(condition['question'])) ?? [];
  const wanted = Object.entries(condition).find(([key]) => key.startsWith('answer'))?.[1];
  const { operator } = condition;
  if (operator === 'exists') return given.length > 0 === (wanted !== false);
  const compare = comparisons[String(operator)];
  if (compare === undefined) return true;
  if (operator === '!=') return !given.some(({ value }) => equal(value, wanted));
  return given.some(({ value }) => compare(value, wanted));
}

const ordered = (test: (order: number) => boolean) => (a: unknown, b: unknown) => {
  const order = compareValues(a, b);
  return order !== undefined && test(order);
};

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '=': equal,
  '!=': (a, b) => !equal(a, b),
  '>': ordered((order) => order > 0),
  '<': ordered((order) => order < 0),
  '>=': ordered((order) => order >= 0),
  '<=': ordered((order) => order <= 0),
};

function equal(a: unknown, b: unknown): boolean {
  if (isJsonObject(a) && isJsonObject(b) && 'code' in a && !('value' in a)) {
    return a['code'] === b['code'] && a['system'] === b['system'];
  }
  if (isJsonObject(a) && isJsonObject(b) && 'reference' in a) {
    return a['reference'] === b['reference'];
  }
  return a === b || compareValues(a, b) === 0;
}
