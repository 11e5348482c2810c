import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { readPolicies } from './policy.ts';

const good = `
set chart = Observation, Condition   # a comment
purposes care = TREAT
role nurse
role doctor includes nurse
policy p
  roles nurse
  may read, search records of chart,
    Patient except Condition
  sees clinical
  purpose care, HOPERAT
`;
const read = (text: string) => readPolicies([{ name: 'x.policy', text }]);

test('a policy is read as it is written', () => {
  const [policy] = read(good).policies;
  assert.deepEqual(policy, {
    name: 'p',
    roles: new Set(['nurse']),
    purposes: new Set(['TREAT', 'HOPERAT']),
    sees: new Set(['clinical']),
    permissions: [],
    grants: [
      {
        line: 8,
        actions: new Set(['read', 'search']),
        types: new Set(['Observation', 'Patient']),
        own: false,
      },
    ],
  });
  assert.deepEqual(read(good).roles.get('doctor'), new Set(['doctor', 'nurse']));
});

const mistakes: [what: string, change: [string, string], message: RegExp][] = [
  ['an action that is not one', ['read, s', 'raed, s'], /^x\.policy:8: unknown action "raed"\.$/],
  [
    'a type that is not of R4',
    ['Patient', 'Patents'],
    /^x\.policy:8: unknown set or resource type/,
  ],
  ['a set that is not defined', ['of chart', 'of charts'], /^x\.policy:8: .* "charts"/],
  ['a role that is not declared', ['roles nurse', 'roles nurze'], /^x\.policy:7: unknown role/],
  ['an inherited role that is not', ['es nurse\np', 'es nurze\np'], /^x\.policy:5: unknown role/],
  ['a purpose that is no code', ['HOPERAT', 'HOPERATE'], /^x\.policy:11: unknown purpose of use/],
  ['a group that is not one', ['sees clinical', 'sees klinical'], /^x\.policy:10: unknown group/],
  ['a sentence without a scope', ['records of chart', 'chart'], /^x\.policy:8: expected "may/],
  ['a missing comma', ['read, s', 'read s'], /^x\.policy:8: expected names with commas/],
  ['an empty name', ['read, s', 'read, , s'], /^x\.policy:8: expected names with commas/],
  ['a policy that does not say for what', ['  purpose care, HOPERAT\n', ''], /:6: .* no "purpose"/],
  ['a policy that does not say what is seen', ['  sees clinical\n', ''], /:6: .* no "sees" line/],
  ['a policy for no role', ['  roles nurse\n', ''], /^x\.policy:6: .* no "roles" line/],
  ['a line said twice', ['sees clinical', 'sees clinical\n  sees contact'], /:11: a second "sees"/],
  ['a word unknown to policies', ['sees clinical', 'hides clinical'], /:10: unknown word "hides"/],
  [
    'a word unknown to files',
    ['role nurse\n', 'rolle nurse\n'],
    /^x\.policy:4: unknown word "rolle"/,
  ],
  ['an indented line under a set', ['purposes', '  Goal\npurposes'], /:3: an indented line/],
  [
    'a name defined twice',
    ['role nurse\n', 'role nurse\nrole nurse\n'],
    /:5: there is already a role/,
  ],
  [
    'a policy named twice',
    ['policy p', 'policy p\n  roles nurse\n  permission a.b\npolicy p'],
    /:9: there is already/,
  ],
];

for (const [what, [from, to], message] of mistakes) {
  test(`${what} is refused with its file and line`, () => {
    assert.ok(good.includes(from));
    assert.throws(() => read(good.replace(from, to)), { message });
  });
}

test('the sets of the policies hold every resource type exactly once', () => {
  const folder = join(import.meta.dirname, 'policies');
  const text = readFileSync(join(folder, '0-words.policy'), 'utf8')
    .replace(/#.*/g, '')
    .replace(/,\s*\n\s*/g, ', ');
  const named = [...text.matchAll(/^set \S+ = (.+)$/gm)].flatMap(([, list = '']) =>
    list.split(', '),
  );
  assert.deepEqual(named.toSorted(), [...resourceTypes].toSorted());
  const elsewhere = readdirSync(folder).filter((name) => name !== '0-words.policy');
  for (const name of elsewhere) {
    assert.doesNotMatch(readFileSync(join(folder, name), 'utf8'), /^(set|purposes|role) /m);
  }
});
