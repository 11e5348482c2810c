import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { type Group, groups } from '../../standards/fhir/sensitivity.ts';
import { type Action, actions } from './decision.ts';
import { namesIn, type PolicyFile, type PolicyLine, policyLines, wrong } from './policy-line.ts';
import { purposesOfUse } from './purpose.ts';

/** One `may` line, its words replaced by what they stand for. */
export type Grant = {
  line: number;
  actions: ReadonlySet<Action>;
  types: ReadonlySet<string>;
  own: boolean;
};

export type Policy = {
  name: string;
  roles: ReadonlySet<string>;
  purposes: ReadonlySet<string>;
  sees: ReadonlySet<Group>;
  grants: readonly Grant[];
  permissions: readonly string[];
};

export type PolicyBook = {
  /** Each role with all it includes, itself too. */
  roles: ReadonlyMap<string, ReadonlySet<string>>;
  policies: readonly Policy[];
};

type Words = {
  types: Map<string, ReadonlySet<string>>;
  purposes: Map<string, ReadonlySet<string>>;
  roles: Map<string, ReadonlySet<string>>;
};

/** Reads all files as one book. Throws `file:line: what is wrong` at the first mistake. */
export function readPolicies(files: readonly PolicyFile[]): PolicyBook {
  const lines = files.flatMap(policyLines);
  const words: Words = { types: new Map(), purposes: new Map(), roles: new Map() };
  const bodies = new Map<PolicyLine, PolicyLine[]>();
  let body: PolicyLine[] | undefined;
  lines.forEach((line, at) => {
    if (line.indented) {
      if (lines[at - 1]?.file !== line.file || body === undefined) {
        wrong(line, 'an indented line belongs under a policy');
      }
      body.push(line);
      return;
    }
    body = line.keyword === 'policy' ? [] : undefined;
    if (body !== undefined) bodies.set(line, body);
    else define(line, words);
  });
  const policies = new Map<string, Policy>();
  for (const [head, below] of bodies) {
    if (policies.has(head.rest)) wrong(head, `there is already a policy "${head.rest}"`);
    policies.set(head.rest, policy(head, below, words));
  }
  return { roles: words.roles, policies: [...policies.values()] };
}

/** Vocabulary: a word must be defined above its use (files in the order of their names). */
function define(line: PolicyLine, words: Words): void {
  const { keyword, rest } = line;
  if (keyword === 'role') {
    const [, name = '', included] = /^([a-z-]+)(?: includes (.+))?$/.exec(rest) ?? [];
    if (name === '') wrong(line, 'expected "role name" or "role name includes other, other"');
    if (words.roles.has(name)) wrong(line, `there is already a role "${name}"`);
    const lower = included === undefined ? [] : namesIn(line, included);
    const all = lower.flatMap((role) => [...look(line, words.roles, role, 'role')]);
    words.roles.set(name, new Set([name, ...all]));
    return;
  }
  if (keyword !== 'set' && keyword !== 'purposes') wrong(line, `unknown word "${keyword}"`);
  const [, name = '', list = ''] = /^([a-z-]+) = (.+)$/.exec(rest) ?? [];
  if (name === '') wrong(line, `expected "${keyword} name = …"`);
  const into = keyword === 'set' ? words.types : words.purposes;
  if (into.has(name)) wrong(line, `there is already a ${keyword} "${name}"`);
  into.set(name, keyword === 'set' ? types(line, list, words) : purposes(line, list, words));
}

function policy(head: PolicyLine, body: readonly PolicyLine[], words: Words): Policy {
  if (!/^[a-z][a-z-]*$/.test(head.rest)) wrong(head, 'a policy needs one name of small letters');
  const one = new Map<string, PolicyLine>();
  const grants: Grant[] = [];
  for (const line of body) {
    if (line.keyword === 'may') {
      grants.push(grant(line, words));
    } else {
      if (!['roles', 'purpose', 'sees', 'permission'].includes(line.keyword)) {
        wrong(line, `unknown word "${line.keyword}" in a policy`);
      }
      if (one.has(line.keyword)) wrong(line, `a second "${line.keyword}" line in one policy`);
      one.set(line.keyword, line);
    }
  }
  const need = (keyword: string) =>
    one.get(keyword) ?? wrong(head, `policy "${head.rest}" has no "${keyword}" line`);
  const permission = one.get('permission');
  if (grants.length === 0 && permission === undefined) wrong(head, 'this policy permits nothing');
  const about = grants.length > 0;
  if (!about && (one.has('purpose') || one.has('sees'))) wrong(head, 'there is no "may" line');
  return {
    name: head.rest,
    roles: rolesOf(need('roles'), words),
    purposes: about ? purposes(need('purpose'), need('purpose').rest, words) : new Set(),
    sees: about ? seen(need('sees')) : new Set(),
    grants,
    permissions: permission === undefined ? [] : namesIn(permission, permission.rest),
  };
}

function rolesOf(line: PolicyLine, words: Words): ReadonlySet<string> {
  const names = namesIn(line, line.rest);
  for (const name of names) look(line, words.roles, name, 'role');
  return new Set(names);
}

/** `read, search any record except x`, `read own records`, `read records of x, y except z` */
function grant(line: PolicyLine, words: Words): Grant {
  const shape = /^(.+?) (any record|own records|records of (.+?))(?: except (.+))?$/;
  const [, verbs, scope, named, except] = shape.exec(line.rest) ?? [];
  if (verbs === undefined) {
    wrong(line, 'expected "may … any record", "may … own records" or "may … records of …"');
  }
  const within = named === undefined ? resourceTypes : types(line, named, words);
  const without = except === undefined ? new Set<string>() : types(line, except, words);
  return {
    line: line.line,
    actions: new Set(
      namesIn(line, verbs).map(
        (verb) =>
          actions.find((action) => action === verb) ?? wrong(line, `unknown action "${verb}"`),
      ),
    ),
    types: within.difference(without),
    own: scope === 'own records',
  };
}

function types(line: PolicyLine, list: string, words: Words): ReadonlySet<string> {
  const found = namesIn(line, list).flatMap((name) =>
    resourceTypes.has(name) ? [name] : [...look(line, words.types, name, 'set or resource type')],
  );
  return new Set(found);
}

function purposes(line: PolicyLine, list: string, words: Words): ReadonlySet<string> {
  if (list === 'any') return purposesOfUse;
  const found = namesIn(line, list).flatMap((name) =>
    purposesOfUse.has(name) ? [name] : [...look(line, words.purposes, name, 'purpose of use')],
  );
  return new Set(found);
}

function seen(line: PolicyLine): ReadonlySet<Group> {
  if (line.rest === 'everything') return new Set(groups);
  return new Set(
    namesIn(line, line.rest).map(
      (name) => groups.find((group) => group === name) ?? wrong(line, `unknown group "${name}"`),
    ),
  );
}

function look<T>(line: PolicyLine, words: ReadonlyMap<string, T>, name: string, what: string): T {
  return words.get(name) ?? wrong(line, `unknown ${what} "${name}"`);
}
