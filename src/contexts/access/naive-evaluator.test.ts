import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Principal } from '../../platform/principal.ts';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { groups } from '../../standards/fhir/sensitivity.ts';
import { actions, type Decision } from './decision.ts';
import { openAccess } from './index.ts';
import { purposesOfUse } from './purpose.ts';

/*
 * A second reading of the policy texts, slow and written apart from the compiler, with which every
 * answer of the compiled policies is compared.
 */
const folder = join(import.meta.dirname, 'policies');
const statements = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n')
  .replace(/#.*/g, '')
  .replace(/,\s*\n\s*/g, ', ')
  .split('\n')
  .filter((line) => line.trim() !== '');

const paragraphs: string[][] = [];
for (const line of statements) {
  if (line.startsWith('policy ')) paragraphs.push([]);
  if (line.startsWith('  ')) paragraphs.at(-1)?.push(line.trim());
}

/** A list of words, each replaced by what its definition says, until none is defined. */
function meaning(kind: 'set' | 'purposes', list: string): string[] {
  return list.split(', ').flatMap((word) => {
    const definition = statements.find((line) => line.startsWith(`${kind} ${word} = `));
    return definition === undefined ? [word] : meaning(kind, definition.split(' = ')[1] ?? '');
  });
}

function rolesOf(role: string): string[] {
  const line = statements.find((text) => new RegExp(`^role ${role}( |$)`).test(text));
  if (line === undefined) return [];
  const included = line.split(' includes ')[1]?.split(', ') ?? [];
  return [role, ...included.flatMap(rolesOf)];
}

type Sentence = { actions: string[]; own: boolean; types: string[]; sees: string[] };

/** What the policies say to these roles for this purpose, sentence by sentence. */
function sentences(roles: readonly string[], purpose: string): Sentence[] {
  const all = roles.flatMap(rolesOf);
  const told: Sentence[] = [];
  for (const paragraph of paragraphs) {
    const rest = (keyword: string) =>
      paragraph.find((line) => line.startsWith(`${keyword} `))?.slice(keyword.length + 1) ?? '';
    if (
      !rest('roles')
        .split(', ')
        .some((role) => all.includes(role))
    )
      continue;
    if (rest('purpose') !== 'any' && !meaning('purposes', rest('purpose')).includes(purpose))
      continue;
    const sees = rest('sees') === 'everything' ? [...groups] : rest('sees').split(', ');
    for (const line of paragraph.filter((text) => text.startsWith('may '))) {
      const [said = '', except = ''] = line.slice(4).split(' except ');
      const [verbs = '', named] = said.split(/ (?:any record|own records|records of)(?: |$)/);
      const outside = meaning('set', except);
      const inside = named ? meaning('set', named) : [...resourceTypes];
      told.push({
        actions: verbs.split(', '),
        own: said.endsWith(' own records'),
        types: inside.filter((type) => !outside.includes(type)),
        sees,
      });
    }
  }
  return told;
}

const access = openAccess();
const known = ['admin', 'doctor', 'nurse', 'staff', 'billing', 'researcher', 'integration'];
known.push('compliance', 'patient');

const caller = (roles: readonly string[], patient?: string): Principal => ({
  tenant: 1,
  kind: 'user',
  id: 'a',
  session: 's',
  roles,
  ...(patient === undefined ? {} : { patient }),
});

const shown = (set: ReadonlySet<string>) => groups.filter((group) => set.has(group)).join();
const answer = (decision: Decision) => (decision.permit ? shown(decision.groups) : 'no');

/** Compares every type and action for these roles and this purpose; returns how many it asked. */
function compare(roles: readonly string[], purpose: string): number {
  const told = sentences(roles, purpose);
  const person = caller(roles, 'p1');
  const nobody = caller(roles);
  let asked = 0;
  for (const type of resourceTypes) {
    const about = told.filter((sentence) => sentence.types.includes(type));
    for (const action of actions) {
      const meant = about.filter((sentence) => sentence.actions.includes(action));
      const expected = (own: boolean) => {
        const open = meant.filter((sentence) => own || !sentence.own);
        if (open.length === 0) return 'no';
        return shown(new Set(open.flatMap((sentence) => sentence.sees)));
      };
      const other = expected(false);
      const own = expected(true);
      const where = `${roles.join('+')} ${action} ${type} ${purpose}`;
      const got = [
        answer(access.decide(person, action, type, false, purpose)),
        answer(access.decide(person, action, type, true, purpose)),
        answer(access.decide(nobody, action, type, true, purpose)),
      ];
      if (got[0] !== other || got[1] !== own || got[2] !== other) {
        assert.deepEqual(got, [other, own, other], where);
      }
      const kind = other !== 'no' ? 'all' : own !== 'no' ? 'own' : 'none';
      const reach = access.reach(person, action, type, purpose);
      assert.equal(reach.kind, kind, where);
      if (reach.kind !== 'none') {
        assert.equal(shown(reach.groups), kind === 'all' ? other : own, where);
      }
      const reachOfNobody = access.reach(nobody, action, type, purpose);
      assert.equal(reachOfNobody.kind, other === 'no' ? 'none' : 'all', where);
      asked += 5;
    }
  }
  return asked;
}

test('the second reading finds the roles and policies that are there', () => {
  assert.deepEqual(
    statements
      .filter((line) => line.startsWith('role '))
      .map((line) => line.split(' ')[1])
      .sort(),
    known.toSorted(),
  );
  assert.equal(paragraphs.length, statements.filter((line) => line.startsWith('policy ')).length);
  assert.deepEqual(rolesOf('doctor'), ['doctor', 'nurse']);
});

test('compiled or read slowly, the policies answer every question of each role the same', () => {
  let asked = 0;
  for (const role of [...known, 'stranger']) {
    for (const purpose of purposesOfUse) asked += compare([role], purpose);
  }
  assert.equal(asked, 10 * purposesOfUse.size * resourceTypes.size * actions.length * 5);
});

test('two roles at once have what either has, no more and no less', () => {
  for (const one of known) {
    for (const other of known) {
      if (one >= other) continue;
      for (const purpose of ['TREAT', 'HPAYMT', 'PATRQT', 'HRESCH']) compare([one, other], purpose);
    }
  }
});
