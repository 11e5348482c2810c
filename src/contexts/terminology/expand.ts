import { randomUUID } from 'node:crypto';
import { refuse } from '../../platform/problem.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import type { Designation } from '../../standards/fhir/terminology/code-system.ts';
import { type Member, wordsIn } from '../../standards/fhir/terminology/member.ts';
import { splitCanonical } from '../../standards/fhir/terminology/resource-field.ts';
import type { ValueSet } from '../../standards/fhir/terminology/value-set.ts';
import { displayOf, speaks } from './display.ts';
import type { Accepted, Input } from './input.ts';
import { terminologyKinds } from './problems.ts';
import { type Question, refuseUnanswerable, valueSetOf } from './question.ts';

export const expandAccepts: Accepted = {
  ...{ url: 'text', valueSet: 'object', valueSetVersion: 'text', context: 'text' },
  ...{ contextDirection: 'text', filter: 'text', date: 'text', offset: 'count', count: 'count' },
  ...{ includeDesignations: 'boolean', designation: 'texts', includeDefinition: 'boolean' },
  ...{ activeOnly: 'boolean', excludeNested: 'boolean', excludeNotForUI: 'boolean' },
  ...{ excludePostCoordinated: 'boolean', displayLanguage: 'text', 'exclude-system': 'texts' },
  ...{ 'system-version': 'texts', 'check-system-version': 'texts' },
  ...{ 'force-system-version': 'texts' },
};

/** Codes of one answer: about 1.5 MB. */
export const MOST_CODES = 10_000;
/** Characters of a filter: what a person types. */
const MOST_FILTER = 200;

/** R4 valueset-operation-expand.html; always a flat list. */
export function expand(question: Question): JsonObject {
  const { input, now } = question;
  refuseUnanswerable(input, 'date', 'context', 'contextDirection');
  requireVersions(question);
  const set = valueSetOf(question);
  const page = pageOf(set, input);
  return {
    ...head(set.resource, input),
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: now.toISOString(),
      total: page.total,
      ...(input.texts.has('offset') && { offset: input.count('offset') }),
      parameter: [...echo(input), ...versions(page.members), ...limits(set)],
      ...(page.members.length > 0 && { contains: page.members.map((one) => shown(one, input)) }),
    },
  };
}

/** Counts all of them: a total that is a guess would be worse than the time, 0.2 µs a code. */
function pageOf(set: ValueSet, input: Input): { members: Member[]; total: number } {
  const filter = input.text('filter') ?? '';
  if (filter.length > MOST_FILTER) {
    refuse(terminologyKinds.tooCostly, `A filter has at most ${MOST_FILTER} characters.`);
  }
  const offset = input.count('offset') ?? 0;
  const count = input.count('count');
  const end = count === undefined ? Number.POSITIVE_INFINITY : offset + count;
  const passes = judge(input);
  const members: Member[] = [];
  let total = 0;
  for (const member of set.members(wordsIn(filter))) {
    if (!passes(member)) continue;
    if (total >= offset && total < end) {
      if (members.length >= MOST_CODES) tooMany();
      members.push(member);
    }
    total += 1;
  }
  return { members, total };
}

function tooMany(): never {
  const says = `These are more than ${MOST_CODES} codes: ask for them in pages (count, offset).`;
  return refuse(terminologyKinds.tooCostly, says);
}

function judge(input: Input): (member: Member) => boolean {
  const excluded = new Set(input.all('exclude-system').map((one) => splitCanonical(one).url));
  const activeOnly = input.boolean('activeOnly') === true;
  const selectable = input.boolean('excludeNotForUI') === true;
  return ({ inactive, abstract, system }) =>
    !(activeOnly && inactive) &&
    !(selectable && abstract) &&
    !(system !== undefined && excluded.has(system));
}

function shown(member: Member, input: Input): JsonObject {
  const { system, code, abstract, inactive, version } = member;
  const display = displayOf(member, input.text('displayLanguage'));
  const designation = designationsOf(member, input);
  return {
    ...(system !== undefined && { system }),
    ...(abstract && { abstract }),
    ...(inactive && { inactive }),
    ...(version !== undefined && member.concept === undefined && { version }),
    code,
    ...(display !== undefined && { display }),
    ...(designation.length > 0 && { designation }),
  };
}

/** `designation`: a language, or a use as system|code; naming one asks for designations. */
function designationsOf(member: Member, input: Input): readonly Designation[] {
  const tokens = input.all('designation');
  const include = input.boolean('includeDesignations') ?? tokens.length > 0;
  if (!include) return [];
  if (tokens.length === 0) return member.designations;
  return member.designations.filter((one) =>
    tokens.some((token) => {
      const bar = token.lastIndexOf('|');
      const [system, code] = [token.slice(0, Math.max(bar, 0)), token.slice(bar + 1)];
      if (system === '' || system === 'urn:ietf:bcp:47') return speaks(one, code);
      return one.use?.system === system && one.use.code === code;
    }),
  );
}

/** What the value set says of itself; its composition only when asked for. */
function head(resource: JsonObject, input: Input): JsonObject {
  const { text: _, expansion: __, ...rest } = resource;
  if (input.boolean('includeDefinition') === true) return { ...rest, status: statusOf(resource) };
  const { compose: ___, ...without } = rest;
  return { ...without, status: statusOf(resource) };
}

/** status is required (R4 ValueSet.status); a value set made by its address has one too. */
const statusOf = (resource: JsonObject) => resource['status'] ?? 'active';

/** R4 ValueSet.expansion.parameter: what decided about this list. */
function echo(input: Input): JsonObject[] {
  const left = new Set(['url', 'valueSetVersion', 'offset', 'includeDefinition']);
  return Object.entries(expandAccepts).flatMap(([name, kind]) => {
    if (left.has(name) && name !== 'offset') return [];
    return input.all(name).map((value) => {
      if (kind === 'boolean') return { name, valueBoolean: value === 'true' };
      if (kind === 'count') return { name, valueInteger: Number(value) };
      return name.endsWith('system') || name.endsWith('version')
        ? { name, valueUri: value }
        : { name, valueString: value };
    });
  });
}

function versions(members: readonly Member[]): JsonObject[] {
  const used = new Set<string>();
  for (const { system, version } of members) {
    if (system !== undefined && version !== undefined) used.add(`${system}|${version}`);
  }
  return [...used].map((valueUri) => ({ name: 'version', valueUri }));
}

/** A fragment of a code system cannot give all codes; the answer says that it may not be all. */
function limits(set: ValueSet): JsonObject[] {
  return set.limited ? [{ name: 'limitedExpansion', valueBoolean: true }] : [];
}

/** Each system is held in one version: another one asked for is refused, not replaced. */
function requireVersions({ input, terminology }: Question): void {
  for (const name of ['system-version', 'check-system-version', 'force-system-version']) {
    for (const canonical of input.all(name)) {
      const { url, version } = splitCanonical(canonical);
      const held = terminology.codeSystem(url)?.version;
      if (version !== undefined && held !== undefined && held !== version) {
        refuse(terminologyKinds.notHeld, `The parameter ${name} asks for a version not held here.`);
      }
    }
  }
}
