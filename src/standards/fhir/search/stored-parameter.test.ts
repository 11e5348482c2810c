import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractIndex } from './extract.ts';
import { matchesClause } from './matches-clause.ts';
import { parseSearch } from './parse-query.ts';
import { r4Registry, registryOf, type StoredParameter } from './registry.ts';
import { parameterFrom } from './stored-parameter.ts';

const failures: string[] = [];
const definition = (more: object) => ({
  ...{ resourceType: 'SearchParameter', status: 'active', code: 'eye-colour', type: 'token' },
  ...{ base: ['Patient'], expression: "Patient.extension.where(url='urn:eye').value", ...more },
});
const read = (more: object) =>
  parameterFrom(definition(more), (code, why) => failures.push(`${code} ${why}`));
const reasons = (more: object): readonly string[] => {
  const found = read(more);
  return 'refused' in found ? found.refused : [];
};
const registry = (...all: object[]) => {
  const byType = new Map<string, StoredParameter[]>();
  for (const more of all) {
    const found = read(more);
    assert.ok('parameter' in found, JSON.stringify(found));
    for (const type of found.types)
      byType.set(type, [...(byType.get(type) ?? []), found.parameter]);
  }
  return registryOf(byType);
};
const finds = (more: object, resource: { resourceType: string }, query: string): boolean => {
  const [name = '', value = ''] = query.split('=');
  const own = registry(more);
  const { where } = parseSearch(resource.resourceType, [[name, value]], {
    lenient: false,
    registry: own,
  });
  return where.every((clause) => matchesClause(resource, clause, { registry: own }));
};

test('values of any kind are found by an expression of the tenant’s own', () => {
  const eye = (value: object) => ({
    resourceType: 'Patient',
    extension: [{ url: 'urn:eye', ...value }],
  });
  const blue = eye({ valueCodeableConcept: { coding: [{ system: 'urn:c', code: 'blue' }] } });
  assert.ok(finds({}, blue, 'eye-colour=urn:c|blue'));
  assert.ok(!finds({}, blue, 'eye-colour=green'));
  assert.ok(finds({}, eye({ valueBoolean: true }), 'eye-colour=true'));
  assert.ok(finds({ type: 'string' }, eye({ valueString: 'Bläulich' }), 'eye-colour=blau'));
  assert.ok(finds({ type: 'date' }, eye({ valueDate: '2020-05' }), 'eye-colour=ge2020-05-02'));
  assert.ok(finds({ type: 'number' }, eye({ valueInteger: 7 }), 'eye-colour=gt6'));
  const dose = eye({ valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'g' } });
  const ucum = 'eye-colour=5000|http://unitsofmeasure.org|mg';
  assert.ok(finds({ type: 'quantity' }, dose, ucum));
  assert.ok(finds({ type: 'uri' }, eye({ valueUri: 'urn:x' }), 'eye-colour=urn:x'));
  const doctor = eye({ valueReference: { reference: 'Practitioner/1' } });
  assert.ok(finds({ type: 'reference', target: ['Practitioner'] }, doctor, 'eye-colour=1'));
  assert.ok(finds({}, blue, 'eye-colour:missing=false'));
  assert.ok(finds({}, { resourceType: 'Patient' }, 'eye-colour:missing=true'));
  assert.deepEqual(failures, []);
});

test('names are searched by their parts, references by their type, composites by one element', () => {
  const patient = { resourceType: 'Patient', name: [{ given: ['Ana'], family: 'Silva Costa' }] };
  const name = { code: 'any-name', type: 'string', expression: 'Patient.name' };
  assert.ok(finds(name, patient, 'any-name=costa'));
  const performer = {
    ...{ code: 'doctor', type: 'reference', base: ['Observation'], target: ['Practitioner'] },
    expression: 'Observation.performer.where(resolve() is Practitioner)',
  };
  const refs = ['Practitioner/1', 'Organization/2'].map((reference) => ({ reference }));
  const seen = { resourceType: 'Observation', performer: refs };
  assert.deepEqual(
    extractIndex(seen, undefined, registry(performer)).filter((one) => one.param === 'doctor'),
    [{ kind: 'reference', param: 'doctor', type: 'Practitioner', id: '1' }],
  );
  const pair = {
    ...{ code: 'part-pair', type: 'composite', base: ['Observation'] },
    expression: 'Observation.component',
    component: ['code', 'value-quantity'].map((code) => ({
      definition: `http://hl7.org/fhir/SearchParameter/Observation-${code}`,
      expression: code === 'code' ? 'code' : 'value.ofType(Quantity)',
    })),
  };
  const component = [
    { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
    { code: { coding: [{ code: 'b' }] }, valueQuantity: { value: 2 } },
  ];
  assert.ok(finds(pair, { resourceType: 'Observation', component } as never, 'part-pair=a$1'));
  assert.ok(!finds(pair, { resourceType: 'Observation', component } as never, 'part-pair=a$2'));
});

test('what can not be searched by is refused with every reason', () => {
  assert.equal(reasons({ code: 'family' }).length, 1);
  assert.equal(reasons({ code: '_x', type: 'special', base: ['Nobody'] }).length, 3);
  assert.match(reasons({ expression: 'Patient.(' })[0] ?? '', /^expression: Character \d+/);
  assert.match(reasons({ expression: 'Patient.birthDate < today()' })[0] ?? '', /time/);
  assert.equal(reasons({ expression: 'x'.repeat(2001) }).length, 1);
  assert.equal(reasons({ expression: undefined }).length, 1);
  assert.equal(reasons({ type: 'composite' }).length, 1);
  assert.equal(reasons({ type: 'reference', target: ['Nobody'] }).length, 1);
});

test('a date of birth never becomes a value in clear', () => {
  const born = { resourceType: 'Patient', birthDate: '1970-05-12' };
  const date = { code: 'born', type: 'date' };
  const kinds = (expression: string) =>
    extractIndex(born, undefined, registry({ ...date, expression })).map((one) => one.kind);
  assert.deepEqual([...new Set(kinds('Patient.birthDate'))], ['birth-date', 'token']);
  assert.ok(!kinds('Patient.children().ofType(date)').includes('date'));
});

test('an expression that breaks or finds too much says so, and finds nothing', () => {
  failures.length = 0;
  const names = Array.from({ length: 1001 }, (_, at) => ({ family: `f${at}` }));
  const many = { resourceType: 'Patient', name: names };
  const all = { code: 'every', type: 'string', expression: 'Patient.name.family' };
  assert.ok(!finds(all, many, 'every=f1'));
  const single = { code: 'one', type: 'string', expression: 'Patient.name.family.single()' };
  assert.ok(!finds(single, many, 'one=f1'));
  assert.deepEqual(failures, ['every too-many-values', 'one expression-failed']);
});

test('the elements an expression may read are known, or any', () => {
  const elements = (expression: string) => {
    const found = read({ expression });
    return 'parameter' in found ? found.parameter.elements : 'refused';
  };
  assert.ok(elements("Patient.contact.where(gender = 'x').name")?.includes('contact'));
  assert.equal(elements('Patient.descendants().ofType(code)'), undefined);
});

test('a tenant that defined nothing has R4’s parameters themselves', () => {
  assert.equal(registryOf(new Map()), r4Registry);
});
