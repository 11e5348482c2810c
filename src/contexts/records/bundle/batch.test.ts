import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Asker, bundleOf, type TestRecords, testRecords } from '../../../../test/records.ts';

let r: TestRecords;
let doctor: Asker;

before(async () => {
  r = await testRecords();
  doctor = await r.asker(await r.newTenant('Lakeside Clinic'), 'doctor');
});
after(() => r.close());

test('entries of a batch stand for themselves: the bad ones say so, the rest is done', async () => {
  const id = randomUUID();
  const resource = { resourceType: 'Patient', id, gender: 'other' };
  const answer = await doctor.post(
    '/fhir',
    bundleOf('batch', [
      { resource, request: { method: 'PUT', url: `Patient/${id}` } },
      { resource: { ...resource, gender: 'blue' }, request: { method: 'POST', url: 'Patient' } },
      { request: { method: 'GET', url: `Patient/${id}` } },
      { request: { method: 'GET', url: 'Patient/nobody' } },
      { request: { method: 'DELETE', url: `Patient/${id}` } },
      { request: { method: 'GET', url: 'Patient?gender=other&_summary=count' } },
      { request: { method: 'GET', url: 'Patient?colour=blue' } },
      { request: { method: 'DELETE', url: 'Patient' } },
      { resource, request: { method: 'PUT', url: `Patient/${id}`, ifMatch: 'W/"1"' } },
    ]),
  );
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.type, 'batch-response');
  const entries = answer.body.entry ?? [];
  assert.deepEqual(
    entries.map(({ response }) => response.status.slice(0, 3)),
    ['201', '422', '200', '404', '403', '200', '400', '400', '200'],
  );
  for (const { response } of entries.filter((one) => one.response.status >= '400')) {
    assert.equal(response.outcome?.resourceType, 'OperationOutcome', response.status);
  }
  assert.equal(entries[2]?.resource['gender'], 'other');
  assert.equal(entries[5]?.resource.total, 1);
});

test('a batch refuses links between its entries: each is done by itself', async () => {
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const answer = await doctor.post(
    '/fhir',
    bundleOf('batch', [
      {
        ...{ fullUrl, resource: { resourceType: 'Patient', active: true } },
        request: { method: 'POST', url: 'Patient' },
      },
      {
        resource: {
          ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
          subject: { reference: fullUrl },
        },
        request: { method: 'POST', url: 'Observation' },
      },
    ]),
  );
  const statuses = (answer.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['201', '400']);
});

test('an entry of a batch may ask whatever a request may: histories, compartments, operations', async () => {
  const id = randomUUID();
  await doctor.put(`/fhir/Patient/${id}`, { resourceType: 'Patient', id, active: true });
  const observation = {
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
    subject: { reference: `Patient/${id}` },
  };
  await doctor.post('/fhir/Observation', observation);
  const get = (url: string) => ({ request: { method: 'GET', url } });
  const answer = await doctor.post(
    '/fhir',
    bundleOf('batch', [
      get(`Patient/${id}/_history`),
      get(`Patient/${id}/Observation`),
      get('metadata'),
      get(`Patient/${id}/$meta`),
      {
        resource: { resourceType: 'Patient', gender: 'blue' },
        request: { method: 'POST', url: 'Patient/$validate' },
      },
      get('Patient/$nothing'),
      get('Nothing/1'),
      {
        resource: { resourceType: 'Bundle', type: 'batch' },
        request: { method: 'POST', url: `${r.baseUrl}/` },
      },
      { request: { method: 'DELETE', url: 'metadata' } },
    ]),
  );
  assert.equal(answer.status, 200, answer.text);
  const entries = answer.body.entry ?? [];
  const statuses = entries.map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(
    statuses,
    ['200', '200', '200', '200', '200', '404', '404', '400', '404'],
    JSON.stringify(entries.map(({ response }) => response)),
  );
  assert.deepEqual(
    entries.slice(0, 5).map(({ resource }) => resource.resourceType),
    ['Bundle', 'Bundle', 'CapabilityStatement', 'Parameters', 'OperationOutcome'],
  );
  assert.equal(entries[1]?.resource.total, 1);
});
