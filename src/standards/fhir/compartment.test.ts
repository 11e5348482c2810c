import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patientsOf, subjectOf } from './compartment.ts';

const to = (reference: string) => ({ reference });
const idOf = (resource: { resourceType: string } & Record<string, unknown>) =>
  subjectOf(resource)?.id;

test('a Patient is sealed with its own key, whoever it is linked to', () => {
  const patient = { resourceType: 'Patient', id: 'a', link: [{ other: to('Patient/b') }] };
  assert.deepEqual(subjectOf(patient), { type: 'Patient', id: 'a' });
  assert.deepEqual(patientsOf(patient).sort(), ['a', 'b']);
  assert.equal(subjectOf({ resourceType: 'Patient' }), undefined);
});

test('a record is sealed with the key of the patient it is about', () => {
  const observation = { subject: to('Patient/a'), performer: [to('Patient/b')] };
  assert.equal(idOf({ resourceType: 'Observation', ...observation }), 'a');
  assert.deepEqual(patientsOf({ resourceType: 'Observation', ...observation }), ['a', 'b']);
  assert.equal(
    idOf({ resourceType: 'Coverage', payor: [to('Patient/b')], beneficiary: to('Patient/a') }),
    'a',
  );
  assert.equal(
    idOf({ resourceType: 'ResearchSubject', individual: to('Patient/a/_history/2') }),
    'a',
  );
  assert.equal(idOf({ resourceType: 'Task', for: to('Patient/a') }), 'a');
});

test('an appointment is its only patient’s; that of several is nobody’s', () => {
  const appointment = (...references: string[]) => ({
    resourceType: 'Appointment',
    participant: references.map((reference) => ({ actor: to(reference) })),
  });
  assert.equal(idOf(appointment('Practitioner/x', 'Patient/a')), 'a');
  assert.equal(idOf(appointment('Patient/a', 'Patient/b')), undefined);
  assert.deepEqual(patientsOf(appointment('Patient/a', 'Patient/b', 'Patient/a')), ['a', 'b']);
});

test('R4 leaves Task out of the compartment', () => {
  assert.deepEqual(patientsOf({ resourceType: 'Task', for: to('Patient/a') }), []);
});

test('what names no patient of ours belongs to nobody', () => {
  for (const reference of [
    'Group/g',
    'https://x.example/Patient/a',
    'urn:uuid:1',
    'Patient/a_b',
    '#a',
  ]) {
    assert.equal(idOf({ resourceType: 'Observation', subject: to(reference) }), undefined);
  }
  assert.equal(idOf({ resourceType: 'Organization', id: 'o' }), undefined);
  assert.equal(idOf({ resourceType: 'Observation', subject: 'Patient/a' }), undefined);
  assert.equal(idOf({ resourceType: 'constructor' }), undefined);
});
