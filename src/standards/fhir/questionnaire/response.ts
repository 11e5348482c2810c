import type { Issue, IssueType } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import type { CodeSets } from '../terminology/code-set.ts';
import { answerFaults, type Spend } from './answer.ts';
import { type AnswersByLink, answersByLink, isEnabled } from './enable.ts';
import { choiceValue, numberSaid, objectsIn, type Value } from './item.ts';
import { optionFaults } from './options.ts';

type Context = {
  readonly issues: Issue[];
  readonly codeSets: CodeSets;
  readonly answers: AnswersByLink;
  readonly spend: Spend;
  /** Whether what is required must be there by now. */
  readonly finished: boolean;
};

/**
 * What of a QuestionnaireResponse does not answer its Questionnaire (R4
 * questionnaireresponse.html#notes): items and their order, types, bounds and options of answers,
 * and what is required of one that is completed.
 *
 * @param at where the response stands, for the issues' expressions.
 */
export function responseIssues(
  response: JsonObject,
  questionnaire: JsonObject,
  { codeSets, at }: { codeSets: CodeSets; at: string },
): Issue[] {
  const { status } = response;
  const finished = status === 'completed' || status === 'amended';
  const answers = answersByLink(response);
  const spend = { left: mostSpent };
  const context = { issues: [], codeSets, answers, finished, spend };
  checkItems(context, questionnaire, response, at);
  return context.issues;
}

/** Steps of patterns in one response: a fifth of a second. */
const mostSpent = 10_000_000;

/** Enough to mend a response by. */
const mostIssues = 100;

function tell(context: Context, code: IssueType, expression: string, text: string): void {
  const { issues } = context;
  if (issues.length > mostIssues) return;
  if (issues.length < mostIssues) issues.push({ severity: 'error', code, expression, text });
  else {
    const stopped = `More is wrong than the first ${mostIssues} issues; mend these and try again.`;
    issues.push({ severity: 'error', code: 'too-costly', expression, text: stopped });
  }
}

/** The items below one item, group, or the whole. */
function checkItems(context: Context, asked: JsonObject, given: JsonObject, at: string): void {
  const questions = objectsIn(asked['item']);
  const links = new Map(questions.map((item, order) => [String(item['linkId']), { item, order }]));
  const found = new Map<string, number>();
  let last = -1;
  for (const [index, item] of objectsIn(given['item']).entries()) {
    const link = String(item['linkId']);
    const place = `${at}.item[${index}]`;
    const known = links.get(link);
    if (known === undefined) {
      tell(context, 'not-found', place, 'No item of the questionnaire has this linkId here.');
      continue;
    }
    if (known.order < last) tell(context, 'structure', place, 'The items are out of order.');
    last = Math.max(last, known.order);
    found.set(link, (found.get(link) ?? 0) + 1);
    checkItem(context, known.item, item, place);
  }
  for (const { item } of links.values()) checkCount(context, item, found, at);
}

/** An item that is not there, or there more than once. */
function checkCount(
  context: Context,
  item: JsonObject,
  found: ReadonlyMap<string, number>,
  at: string,
): void {
  const count = found.get(String(item['linkId'])) ?? 0;
  if (count === 0 && item['required'] === true && context.finished && item['type'] !== 'display') {
    if (isEnabled(item, context.answers)) {
      tell(context, 'required', at, `The required item ${item['linkId']} is missing.`);
    }
  }
  if (count > 1 && (item['type'] !== 'group' || item['repeats'] !== true)) {
    tell(context, 'invalid', at, `The item ${item['linkId']} stands more than once.`);
  }
}

function checkItem(context: Context, item: JsonObject, given: JsonObject, at: string): void {
  const { type } = item;
  const answers = objectsIn(given['answer']);
  const enabled = isEnabled(item, context.answers);
  if (!enabled && (answers.length > 0 || objectsIn(given['item']).length > 0)) {
    tell(context, 'invariant', at, 'It is answered although its enableWhen is not met.');
    return;
  }
  if (type === 'group' || type === 'display') {
    if (answers.length > 0) {
      tell(context, 'structure', at, `An item of type ${type} has no answer.`);
    }
    if (type === 'group') checkItems(context, item, given, at);
    return;
  }
  if (objectsIn(given['item']).length > 0) {
    tell(context, 'structure', at, 'Items below a question stand in its answer.');
  }
  if (enabled) checkNumber(context, item, answers.length, at);
  checkAnswers(context, item, answers, at);
}

function checkNumber(context: Context, item: JsonObject, count: number, at: string): void {
  const least = numberSaid(item, 'minOccurs') ?? 0;
  const most = numberSaid(item, 'maxOccurs') ?? (item['repeats'] === true ? Infinity : 1);
  if (context.finished && count === 0 && item['required'] === true) {
    tell(context, 'required', at, 'A required item has no answer.');
  } else if (context.finished && count < least) {
    tell(context, 'required', at, `At least ${least} answers are needed.`);
  }
  if (count > most) tell(context, 'invalid', at, `At most ${most} answers are allowed.`);
}

function checkAnswers(
  context: Context,
  item: JsonObject,
  answers: readonly JsonObject[],
  at: string,
): void {
  const places = answers.map((_, index) => `${at}.answer[${index}]`);
  const typed: Value[] = [];
  const standing: string[] = [];
  for (const [index, answer] of answers.entries()) {
    const value = choiceValue(answer);
    const place = places[index] ?? at;
    if (value !== undefined) {
      const faults = answerFaults(item, value, context.spend);
      for (const { code, text } of faults) tell(context, code, `${place}.value`, text);
      typed.push(value);
      standing.push(place);
    }
    checkItems(context, item, answer, place);
  }
  for (const [index, faults] of optionFaults(item, typed, context.codeSets).entries()) {
    for (const { code, text } of faults) tell(context, code, standing[index] ?? at, text);
  }
}
