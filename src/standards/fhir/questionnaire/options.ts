import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { CodeSets } from '../terminology/code-set.ts';
import type { Fault } from './answer.ts';
import { compareValues } from './compare.ts';
import { choiceValue, objectsIn, said, type Value } from './item.ts';

/** Whether an answer is one of those offered (R4 questionnaire.html, answerOption). */
export function optionFaults(item: JsonObject, answers: readonly Value[], sets: CodeSets) {
  const faults = answers.map((answer): Fault[] =>
    offered(item, answer, sets)
      ? []
      : [{ code: 'code-invalid', text: 'The answer is none of those offered.' }],
  );
  const exclusive = objectsIn(item['answerOption']).filter(isExclusive);
  if (answers.length > 1 && exclusive.length > 0) {
    for (const [index, answer] of answers.entries()) {
      if (!exclusive.some((option) => same(choiceValue(option), answer))) continue;
      faults[index]?.push({
        code: 'invariant',
        text: 'This answer excludes all others, and there are others.',
      });
    }
  }
  return faults;
}

function isExclusive(option: JsonObject): boolean {
  return said(option, 'optionExclusive').some(({ value }) => value === true);
}

function offered(item: JsonObject, answer: Value, sets: CodeSets): boolean {
  const { type, answerOption, answerValueSet } = item;
  // An open choice may be answered with a text of one's own.
  if (type === 'open-choice' && answer.type === 'String') return true;
  if (Array.isArray(answerOption)) {
    return objectsIn(answerOption).some((option) => same(choiceValue(option), answer));
  }
  if (typeof answerValueSet !== 'string' || !isJsonObject(answer.value)) return true;
  const { system, code } = answer.value;
  if (typeof code !== 'string') return true;
  const set = sets.codeSet(answerValueSet);
  return set?.has(typeof system === 'string' ? system : undefined, code) !== false;
}

function same(option: Value | undefined, answer: Value): boolean {
  if (option === undefined || option.type !== answer.type) return false;
  const { value: a } = option;
  const { value: b } = answer;
  if (answer.type === 'Coding' && isJsonObject(a) && isJsonObject(b)) {
    return a['code'] === b['code'] && a['system'] === b['system'];
  }
  if (answer.type === 'Reference' && isJsonObject(a) && isJsonObject(b)) {
    return a['reference'] === b['reference'];
  }
  return compareValues(a, b) === 0 || a === b;
}
