import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResourceJson } from '../json.ts';
import type { JsonObject } from '../json-object.ts';
import { applyJsonPatch } from './json-patch.ts';
import { PatchRefused } from './patch-refused.ts';

const patient: JsonObject = {
  resourceType: 'Patient',
  name: [{ family: 'Chalmers', given: ['Peter', 'James'] }],
  active: true,
  'a/b': 1,
  'm~n': 2,
};

function patched(...operations: unknown[]): JsonObject {
  return applyJsonPatch(patient, operations);
}

function refusal(operations: unknown): [string, number | undefined] {
  try {
    applyJsonPatch(patient, operations);
  } catch (error) {
    assert.ok(error instanceof PatchRefused, String(error));
    return [error.code, error.operation];
  }
  assert.fail('was not refused');
}

test('each operation does what RFC 6902 says', () => {
  const cases: [unknown, Partial<JsonObject>][] = [
    [{ op: 'add', path: '/gender', value: 'male' }, { gender: 'male' }],
    [{ op: 'add', path: '/active', value: false }, { active: false }],
    [{ op: 'add', path: '/birthDate', value: null }, { birthDate: null }],
    [{ op: 'replace', path: '/active', value: false }, { active: false }],
    [{ op: 'move', from: '/active', path: '/deceasedBoolean' }, { deceasedBoolean: true }],
    [{ op: 'copy', from: '/name/0/family', path: '/text' }, { text: 'Chalmers' }],
    [{ op: 'test', path: '/a~1b', value: 1 }, {}],
    [{ op: 'test', path: '/m~0n', value: 2.0 }, {}],
    [{ op: 'test', path: '/name/0', value: { given: ['Peter', 'James'], family: 'Chalmers' } }, {}],
  ];
  for (const [operation, changes] of cases) {
    const expected = { ...patient, ...changes };
    if ('deceasedBoolean' in changes) delete expected['active'];
    assert.deepEqual(patched(operation), expected, JSON.stringify(operation));
  }
  assert.ok(!('active' in patched({ op: 'remove', path: '/active' })));
});

test('an array takes a value before an index or, with -, at its end', () => {
  const given = (...operations: unknown[]) => {
    const [name] = patched(...operations)['name'] as { given: string[] }[];
    return name?.given;
  };
  const at = (index: string) => given({ op: 'add', path: `/name/0/given/${index}`, value: 'X' });
  assert.deepEqual(at('0'), ['X', 'Peter', 'James']);
  assert.deepEqual(at('2'), ['Peter', 'James', 'X']);
  assert.deepEqual(at('-'), ['Peter', 'James', 'X']);
  assert.deepEqual(given({ op: 'remove', path: '/name/0/given/0' }), ['James']);
  const swap = { op: 'move', from: '/name/0/given/0', path: '/name/0/given/1' };
  assert.deepEqual(given(swap), ['James', 'Peter']);
});

test('what is no JSON Patch, or does not fit the record, is refused with its operation', () => {
  const remove = { op: 'remove', path: '/active' };
  const cases: [unknown, string, number | undefined][] = [
    [{}, 'structure', undefined],
    [['x'], 'structure', 0],
    [[{ op: 'frob', path: '/a' }], 'structure', 0],
    [[{ op: 'add', path: '/gender' }], 'required', 0],
    [[{ op: 'add', value: 1 }], 'required', 0],
    [[{ op: 'remove', path: 'active' }], 'structure', 0],
    [[{ op: 'remove', path: '/a~2' }], 'structure', 0],
    [[remove, remove], 'not-found', 1],
    [[{ op: 'replace', path: '/gender', value: 'male' }], 'not-found', 0],
    [[{ op: 'add', path: '/contact/0', value: {} }], 'not-found', 0],
    [[{ op: 'add', path: '/name/0/given/3', value: 'X' }], 'not-found', 0],
    [[{ op: 'add', path: '/name/0/given/01', value: 'X' }], 'value', 0],
    [[{ op: 'remove', path: '/name/0/given/-' }], 'value', 0],
    [[{ op: 'add', path: '/active/x', value: 1 }], 'not-found', 0],
    [[{ op: 'move', from: '/name', path: '/name/0/x' }], 'value', 0],
    [[{ op: 'test', path: '/active', value: 'true' }], 'conflict', 0],
    [[{ op: 'remove', path: '' }], 'value', 0],
    [[{ op: 'replace', path: '', value: [] }], 'structure', undefined],
    [[{ op: 'test', path: '/constructor', value: 1 }], 'not-found', 0],
    [Array.from({ length: 1001 }, () => remove), 'too-costly', undefined],
  ];
  for (const [patch, code, operation] of cases) {
    assert.deepEqual(refusal(patch), [code, operation], JSON.stringify(patch).slice(0, 100));
  }
});

test('a refused patch leaves the record as it was', () => {
  const before = structuredClone(patient);
  refusal([
    { op: 'add', path: '/name/0/given/0', value: 'X' },
    { op: 'test', path: '/x', value: 1 },
  ]);
  patched({ op: 'remove', path: '/name/0/given/0' });
  assert.deepEqual(patient, before);
});

test('decimals keep the text they were written with', () => {
  const dose = parseResourceJson('{"resourceType":"Basic","value":1.00,"list":[2.50]}');
  const patch = parseResourceJson('{"list":[{"op":"add","path":"/more","value":3.000}]}')['list'];
  const operations = Array.isArray(patch) ? patch : [];
  const result = applyJsonPatch(dose, [
    ...operations,
    { op: 'copy', from: '/value', path: '/list/-' },
    { op: 'test', path: '/value', value: 1 },
  ]);
  const text = '{"resourceType":"Basic","value":1.00,"list":[2.50,1.00],"more":3.000}';
  assert.equal(JSON.stringify(result), text);
});

test('a member named __proto__ is data like any other', () => {
  const patch: unknown = JSON.parse('[{"op":"add","path":"/__proto__","value":{"x":1}}]');
  const result = applyJsonPatch(patient, patch);
  assert.ok(Object.hasOwn(result, '__proto__'));
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.equal(refusal([{ op: 'add', path: '/__proto__/y', value: 1 }])[0], 'not-found');
});

test('copies that double the record are stopped', () => {
  const double = { op: 'copy', from: '/name', path: '/name/-' };
  assert.equal(refusal(Array.from({ length: 100 }, () => double))[0], 'too-costly');
  const deeper = { op: 'copy', from: '/name', path: '/name/0/given' };
  assert.equal(refusal(Array.from({ length: 1000 }, () => deeper))[0], 'too-costly');
  const nested: unknown = JSON.parse('['.repeat(300) + ']'.repeat(300));
  assert.equal(refusal([{ op: 'add', path: '/x', value: nested }])[0], 'too-costly');
});

test('whatever the patch, only PatchRefused is thrown', () => {
  const path = fc.oneof(
    fc.constantFrom('/name', '/name/0', '/name/0/given', '/name/0/given/-', '/active', '', '/a~1b'),
    fc.string().map((text) => `/${text}`),
  );
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path,
      from: path,
      value: fc.jsonValue(),
    },
    { requiredKeys: ['op'] },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      try {
        applyJsonPatch(patient, operations);
      } catch (error) {
        assert.ok(error instanceof PatchRefused, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
