import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResourceJson } from '../json.ts';
import type { JsonObject } from '../json-object.ts';
import { applyFhirPathPatch } from './fhirpath-patch.ts';
import {
  cases,
  contact,
  identifiers,
  integer,
  named,
  operation,
  parameters,
  path,
  patient,
  value,
} from './patch-case.ts';
import { PatchRefused } from './patch-refused.ts';

function refusal(resource: JsonObject, ...operations: JsonObject[]): [string, number | undefined] {
  try {
    applyFhirPathPatch(resource, parameters(...operations));
  } catch (error) {
    assert.ok(error instanceof PatchRefused, String(error));
    return [error.code, error.operation];
  }
  assert.fail('was not refused');
}

for (const [what, before, one, after] of cases) {
  test(`fhirpath patch: ${what}`, () => {
    const resource = patient(before);
    const untouched = structuredClone(resource);
    assert.deepEqual(applyFhirPathPatch(resource, parameters(one)), patient(after));
    assert.deepEqual(resource, untouched);
  });
}

test('operations see what those before them did', () => {
  const text = (type: string, which: string, content: JsonObject) =>
    operation(type, path(which), ...('name' in content ? [] : [value(content)]));
  const result = applyFhirPathPatch(
    patient(identifiers('1', '2')),
    parameters(
      operation('delete', path('Patient.identifier[0]')),
      text('replace', 'Patient.identifier[0].value', { valueString: '3' }),
    ),
  );
  assert.deepEqual(result, patient(identifiers('3')));
  assert.deepEqual(applyFhirPathPatch(patient({}), parameters()), patient({}));
});

test('decimals keep the text they were written with', () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"value":1.00}}';
  const given =
    '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[' +
    '{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value.value"},' +
    '{"name":"value","valueDecimal":2.50}]}]}';
  const result = applyFhirPathPatch(parseResourceJson(text), parseResourceJson(given));
  assert.equal(JSON.stringify(result), text.replace('1.00', '2.50'));
});

const official = path("Patient.identifier.where(value = '1').period");
const day = value({ valueDate: '2021-12-01' });
const two = patient({ ...identifiers('1', '2'), birthDate: '1920', ...contact });
const refused: [JsonObject, string][] = [
  [operation('add', official, named('end'), day), 'not-found'],
  [operation('replace', path('Patient.deceased'), value({ valueBoolean: true })), 'not-found'],
  [operation('delete', path('Patient.identifier')), 'multiple-matches'],
  [operation('replace', path('Patient.identifier'), day), 'multiple-matches'],
  [operation('add', path('Patient'), named('birthDate'), day), 'duplicate'],
  [operation('add', path('Patient'), named('birthday'), day), 'value'],
  [operation('replace', path('Patient.birthDate'), value({ valueBoolean: true })), 'value'],
  [operation('replace', path('Patient.birthDate'), value({ valueDate: {} })), 'value'],
  [operation('replace', path('Patient.birthDate'), value({})), 'required'],
  [operation('replace', path('Patient'), day), 'value'],
  [operation('replace', path("'x'"), day), 'value'],
  [operation('delete', path('Patient')), 'value'],
  [
    operation('replace', path('Patient.birthDate'), value({ valueDate: '1', valueCode: 'x' })),
    'structure',
  ],
  [operation('replace', path('Patient.('), day), 'invalid'],
  [operation('replace', path('Patient.frob()'), day), 'invalid'],
  [operation('insert', path('Patient.identifier'), integer('index', 3), day), 'value'],
  [
    operation(
      'insert',
      path('Patient.identifier'),
      integer('index', 3),
      value({ valueIdentifier: {} }),
    ),
    'value',
  ],
  [operation('insert', path('Patient.birthDate'), integer('index', 0), day), 'value'],
  [operation('insert', path('Patient.identifier'), day), 'required'],
  [
    operation('move', path('Patient.identifier'), integer('source', 2), integer('destination', 0)),
    'value',
  ],
  [
    operation('move', path('Patient.identifier'), integer('source', 0), integer('destination', 2)),
    'value',
  ],
  [
    operation(
      'move',
      path('Patient.identifier[0]'),
      integer('source', 0),
      integer('destination', 0),
    ),
    'value',
  ],
  [operation('frob', path('Patient')), 'value'],
  [operation('delete'), 'required'],
  [{ name: 'operation' }, 'required'],
  [{ name: 'x' }, 'structure'],
  [operation('delete', path('Patient.birthDate'), path('Patient.birthDate')), 'structure'],
];

test('what does not fit is refused with code and operation', () => {
  for (const [one, code] of refused) {
    const fine = operation('delete', path('Patient.photo'));
    assert.deepEqual(refusal(two, fine, one), [code, 1], JSON.stringify(one));
  }
  const many = Array.from({ length: 1001 }, () => operation('delete', path('Patient.photo')));
  assert.deepEqual(refusal(two, ...many), ['too-costly', undefined]);
  assert.throws(() => applyFhirPathPatch(two, patient({})), { code: 'structure' });
});

test('all paths of a patch share one budget', () => {
  const names = Array.from({ length: 2000 }, (_, at) => ({ text: `${at}` }));
  const costly = operation(
    'delete',
    path('name.where(%resource.name.exists(text = $this.text)).photo'),
  );
  assert.equal(refusal(patient({ name: names }), costly)[0], 'too-costly');
  const cheap = operation('delete', path("name.where(text = 'none')"));
  const [code, at = 0] = refusal(
    patient({ name: names }),
    ...Array.from({ length: 999 }, () => cheap),
  );
  assert.equal(code, 'too-costly');
  assert.ok(at > 10);
});

test('whatever the patch, only PatchRefused is thrown', () => {
  const paths = fc.constantFrom(
    ...['Patient', 'Patient.name', 'Patient.name[0]', 'name.given', 'name.given[1]', 'deceased'],
    ...['Patient.contact.name', 'name.extension', 'birthDate', 'birthDate.extension', 'id', '1'],
  );
  const content = fc.constantFrom<JsonObject>(
    ...[{ valueString: 'x' }, { valueBoolean: true }, { valueHumanName: { text: 'x' } }],
    ...[
      { part: [{ name: 'url', valueUri: 'u' }] },
      { part: [{ name: 'text', valueString: 'x' }] },
      {},
    ],
  );
  const one = fc.record({
    type: fc.constantFrom('add', 'insert', 'delete', 'replace', 'move'),
    where: paths,
    what: content,
    name: fc.constantFrom('name', 'given', 'extension', 'deceased', 'text', 'contact', 'id'),
    index: fc.nat(3),
  });
  const resource = patient({
    name: [{ given: ['A', 'B'], _given: [null, { id: 'x' }] }, { text: 'c' }],
    birthDate: '1920',
    ...contact,
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (operations) => {
      const patch = operations.map(({ type, where, what, name, index }) =>
        operation(
          type,
          ...[path(where), named(name), value(what), integer('index', index)],
          ...[integer('source', index), integer('destination', 0)],
        ),
      );
      try {
        applyFhirPathPatch(resource, parameters(...patch));
      } catch (error) {
        assert.ok(error instanceof PatchRefused, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
