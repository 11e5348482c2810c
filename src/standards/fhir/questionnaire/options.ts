import { decimalValue, isDecimal } from '../decimal.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { CodeSets } from '../terminology/code-set.ts';
import type { Fault } from './answer.ts';
import { choiceValue, objectsIn, said, type Value } from './item.ts';

/** For each answer, whether it is one of those offered (R4 questionnaire.html, answerOption). */
export function optionFaults(
  item: JsonObject,
  answers: readonly Value[],
  sets: CodeSets,
): Fault[][] {
  const options = objectsIn(item['answerOption']);
  const listed = options.length === 0 ? undefined : new Set(options.flatMap(keysOf));
  const exclusive = new Set(options.filter(isExclusive).flatMap(keysOf));
  return answers.map((answer) => {
    const faults: Fault[] = [];
    if (!isOffered(item, answer, { listed, sets })) {
      faults.push({ code: 'code-invalid', text: 'The answer is none of those offered.' });
    }
    if (answers.length > 1 && exclusive.has(keyOf(answer))) {
      const text = 'This answer excludes all others, and there are others.';
      faults.push({ code: 'invariant', text });
    }
    return faults;
  });
}

function isExclusive(option: JsonObject): boolean {
  return said(option, 'optionExclusive').some(({ value }) => value === true);
}

type Offered = { readonly listed: ReadonlySet<string> | undefined; readonly sets: CodeSets };

function isOffered(item: JsonObject, answer: Value, { listed, sets }: Offered): boolean {
  const { type, answerValueSet } = item;
  // An open choice may be answered with a text of one's own.
  if (type === 'open-choice' && answer.type === 'String') return true;
  if (listed !== undefined) return listed.has(keyOf(answer));
  if (typeof answerValueSet !== 'string' || !isJsonObject(answer.value)) return true;
  const { system, code } = answer.value;
  if (typeof code !== 'string') return true;
  const set = sets.codeSet(answerValueSet);
  return set?.has(typeof system === 'string' ? system : undefined, code) !== false;
}

function keysOf(option: JsonObject): string[] {
  const value = choiceValue(option);
  return value === undefined ? [] : [keyOf(value)];
}

/** The same for equal values: a Coding is its system and code, a Reference where it leads. */
function keyOf({ type, value }: Value): string {
  if (isJsonObject(value)) {
    const { system, code, reference } = value;
    return JSON.stringify(type === 'Reference' ? [type, reference] : [type, system, code]);
  }
  return JSON.stringify([type, isDecimal(value) ? decimalValue(value) : value]);
}
