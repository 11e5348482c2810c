import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseDefinition, baseType, baseUrls } from './r4-definition.ts';

test('R4’s own definitions are found by url, with and without their version', () => {
  const url = 'http://hl7.org/fhir/StructureDefinition/Patient';
  const patient = baseDefinition(url);
  assert.equal(patient?.type, 'Patient');
  assert.equal(baseDefinition(`${url}|4.0.1`), patient);
  assert.equal(baseType('Patient'), patient);
  assert.equal(baseDefinition(`${url}|5.0.0`), undefined);
  assert.equal(baseDefinition('http://x.example/none'), undefined);
  assert.equal([...baseUrls()].length, 648);
});

test('elements come back as R4 publishes them, but for what is only to be read', () => {
  const element = (type: string, id: string) =>
    baseType(type)?.snapshot?.element.find((one) => one.id === id);
  const gender = element('Patient', 'Patient.gender');
  assert.deepEqual([gender?.min, gender?.max, gender?.type], [0, '1', [{ code: 'code' }]]);
  assert.deepEqual(gender?.['binding'], {
    strength: 'required',
    valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1',
  });
  const identifier = element('Observation', 'Observation.id');
  assert.deepEqual(identifier?.['base'], { path: 'Resource.id', min: 0, max: '1' });
  assert.deepEqual(identifier?.type, [{ code: 'id' }]);
  const low = element('Observation', 'Observation.referenceRange.low');
  assert.deepEqual(low?.type, [
    { code: 'Quantity', profile: ['http://hl7.org/fhir/StructureDefinition/SimpleQuantity'] },
  ]);
  const contact = element('Patient', 'Patient.contact');
  assert.deepEqual(
    contact?.constraint?.map(({ key }) => key),
    ['ele-1', 'pat-1'],
  );
  const systolic = element('bp', 'Observation.component:SystolicBP');
  assert.equal(systolic?.sliceName, 'SystolicBP');
});
