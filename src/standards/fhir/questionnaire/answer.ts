import { decimalText, isDecimal } from '../decimal.ts';
import { resourceTypes } from '../definitions.ts';
import type { IssueType } from '../issue.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { compilePattern } from '../terminology/pattern.ts';
import { TerminologyRefused } from '../terminology/refused.ts';
import { compareValues } from './compare.ts';
import { numberSaid, said, type Value } from './item.ts';

/** Told of one answer; the text never holds the value. */
export type Fault = { readonly code: IssueType; readonly text: string };

/** What each item type is answered with (R4 valueset-item-type.html). */
const answerTypes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['Boolean'],
  decimal: ['Decimal'],
  integer: ['Integer'],
  date: ['Date'],
  dateTime: ['DateTime'],
  time: ['Time'],
  string: ['String'],
  text: ['String'],
  url: ['Uri'],
  choice: ['Coding'],
  'open-choice': ['Coding', 'String'],
  attachment: ['Attachment'],
  reference: ['Reference'],
  quantity: ['Quantity'],
};

/** What is wrong with an answer, whatever the other answers are. */
export function answerFaults(item: JsonObject, { type, value }: Value, spend: Spend): Fault[] {
  const types = answerTypes[String(item['type'])] ?? [];
  if (!types.includes(type)) {
    const wanted = types.map((one) => one[0]?.toLowerCase() + one.slice(1)).join(' or ');
    const text = `An item of type ${item['type']} is answered with ${wanted || 'nothing'}.`;
    return [{ code: 'invariant', text }];
  }
  return [
    ...rangeFaults(item, value),
    ...(typeof value === 'string' ? textFaults(item, value, spend) : []),
    ...decimalFaults(item, value),
    ...(type === 'Attachment' ? attachmentFaults(item, value) : []),
    ...(type === 'Reference' ? referenceFaults(item, value) : []),
  ];
}

function rangeFaults(item: JsonObject, value: unknown): Fault[] {
  const faults: Fault[] = [];
  const limits = [
    ...[...said(item, 'minValue'), ...said(item, 'minQuantity')].map((one) => [one, -1] as const),
    ...[...said(item, 'maxValue'), ...said(item, 'maxQuantity')].map((one) => [one, 1] as const),
  ];
  for (const [limit, side] of limits) {
    const order = compareValues(value, limit.value);
    const end = side < 0 ? 'minimum' : 'maximum';
    if (order === undefined) {
      const text = `The answer cannot be compared with the ${end}: their units do not agree.`;
      faults.push({ code: 'invariant', text });
    } else if (order * side > 0) {
      const beyond = side < 0 ? 'less than the minimum' : 'more than the maximum';
      faults.push({ code: 'invariant', text: `The answer is ${beyond} the questionnaire allows.` });
    }
  }
  return faults;
}

/** Characters, as R4 counts them: code points. */
function textFaults(item: JsonObject, value: string, spend: Spend): Fault[] {
  const faults: Fault[] = [];
  const most = item['maxLength'];
  const least = numberSaid(item, 'minLength');
  const length = most === undefined && least === undefined ? 0 : [...value].length;
  if (typeof most === 'number' && length > most) {
    faults.push({ code: 'too-long', text: `The answer has more than ${most} characters.` });
  }
  if (least !== undefined && length < least) {
    faults.push({ code: 'invariant', text: `The answer has fewer than ${least} characters.` });
  }
  const [regex] = said(item, 'regex');
  if (typeof regex?.value !== 'string') return faults;
  const met = matches(regex.value, value, spend);
  if (met === false) {
    faults.push({ code: 'invariant', text: 'The answer is not of the form asked for (regex).' });
  } else if (met === undefined) {
    faults.push({
      code: 'too-costly',
      text: 'Whether it is of the form asked for was not checked.',
    });
  }
  return faults;
}

/** What patterns may still be spent on a response, in their steps of 20 ns. */
export type Spend = { left: number };

/** Characters a pattern is run over: each may cost as many steps as the pattern has states. */
const longestMatched = 10_000;

/**
 * A pattern that cannot be run in bounded time is the questionnaire's fault, not the answer's.
 * undefined: too much would be spent.
 */
function matches(pattern: string, value: string, spend: Spend): boolean | undefined {
  if (spend.left <= 0 || value.length > longestMatched) return undefined;
  try {
    const compiled = compilePattern(pattern);
    const met = compiled.matches(value);
    // Compiling it is one step for each of its characters, and more for its repetitions.
    spend.left -= compiled.spent() + 10 * pattern.length;
    return met;
  } catch (error) {
    if (error instanceof TerminologyRefused) return true;
    throw error;
  }
}

function decimalFaults(item: JsonObject, value: unknown): Fault[] {
  const most = numberSaid(item, 'decimalPlaces');
  if (most === undefined || !isDecimal(value)) return [];
  const places = /\.(\d+)/.exec(decimalText(value))?.[1]?.length ?? 0;
  return places <= most
    ? []
    : [{ code: 'invariant', text: `The answer has more than ${most} decimal places.` }];
}

function attachmentFaults(item: JsonObject, value: unknown): Fault[] {
  if (!isJsonObject(value)) return [];
  const faults: Fault[] = [];
  const { data, size, contentType } = value;
  const padding = typeof data === 'string' ? (/=*$/.exec(data)?.[0].length ?? 0) : 0;
  const bytes = typeof data === 'string' ? (data.length / 4) * 3 - padding : size;
  const most = numberSaid(item, 'maxSize');
  if (most !== undefined && typeof bytes === 'number' && bytes > most) {
    faults.push({ code: 'too-long', text: `The attachment is larger than ${most}.` });
  }
  const allowed = said(item, 'mimeType').map((one) => one.value);
  if (allowed.length > 0 && !allowed.includes(contentType)) {
    faults.push({ code: 'invariant', text: 'The attachment is of a type not asked for.' });
  }
  return faults;
}

function referenceFaults(item: JsonObject, value: unknown): Fault[] {
  const reference = isJsonObject(value) ? value['reference'] : undefined;
  if (typeof reference !== 'string' || /^(?:#|urn:)/.test(reference)) return [];
  const type = /(?:^|\/)([^/]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(reference)?.[1];
  if (type === undefined) return [];
  if (!resourceTypes.has(type)) {
    return [{ code: 'invariant', text: 'The reference is to no resource type of R4.' }];
  }
  const allowed = said(item, 'referenceResource').map((one) => one.value);
  if (allowed.length === 0 || allowed.includes(type)) return [];
  return [{ code: 'invariant', text: `The reference is to none of ${allowed.join(', ')}.` }];
}
