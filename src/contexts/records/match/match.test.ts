import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  idsOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let doctor: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('match clinic');
  doctor = await r.asker(tenant, 'doctor');
  await stored('ann', 'Wintermère', 'Ann', '1970-05-12', '4711');
  await stored('anna', 'Wintermore', 'Anna', '1970-05-12', '4712');
  await stored('bob', 'Olsen', 'Bob', '1999-01-01', '4713');
});
after(() => r.close());

function patientOf(family: string, given: string, birthDate: string) {
  return { resourceType: 'Patient', name: [{ family, given: [given] }], birthDate };
}

async function stored(id: string, family: string, given: string, born: string, number: string) {
  const identifier = [{ system: 'urn:mrn', value: number }];
  const body = { ...patientOf(family, given, born), id, identifier, gender: 'female' };
  assert.equal((await doctor.put(`/fhir/Patient/${id}`, body)).status, 201);
}

async function match(who: Asker, resource: object, ...more: object[]): Promise<Answer> {
  const parameter = [{ name: 'resource', resource }, ...more];
  return who.post('/fhir/Patient/$match', { resourceType: 'Parameters', parameter });
}

type Search = { mode: string; score: number; extension: { url: string; valueCode: string }[] };

function gradesOf(answer: Answer): [string, string][] {
  assert.equal(answer.status, 200, answer.text);
  const entries = (answer.body.entry ?? []) as unknown as {
    resource: { id: string };
    search: Search;
  }[];
  return entries
    .filter(({ search }) => search.mode === 'match')
    .map(({ resource, search }) => {
      assert.ok(search.score > 0 && search.score <= 1);
      assert.match(search.extension[0]?.url ?? '', /match-grade$/);
      return [resource.id, search.extension[0]?.valueCode ?? ''];
    });
}

test('the likeliest patient comes first, with score and grade', async () => {
  const found = gradesOf(await match(doctor, patientOf('wintermere', 'ANN', '1970-05-12')));
  assert.deepEqual(found[0], ['ann', 'certain']);
  assert.equal(found[1]?.[0], 'anna');
  assert.notEqual(found[1]?.[1], 'certain');
  assert.ok(!found.some(([id]) => id === 'bob'));
});

test('an identifier finds its patient whatever else is written', async () => {
  const identifier = [{ system: 'urn:mrn', value: '4713' }];
  const found = gradesOf(await match(doctor, { resourceType: 'Patient', identifier }));
  assert.deepEqual(found, [['bob', 'certain']]);
});

test('a slip in the family name still finds by birth date, one in the birth date by name', async () => {
  const name = gradesOf(await match(doctor, patientOf('Vintermere', 'Ann', '1970-05-12')));
  assert.equal(name[0]?.[0], 'ann');
  const date = gradesOf(await match(doctor, patientOf('Olsen', 'Bob', '1999-01-10')));
  assert.deepEqual(date, [['bob', 'probable']]);
});

test('onlyCertainMatches leaves the others out, and count bounds them', async () => {
  const one = { name: 'onlyCertainMatches', valueBoolean: true };
  const asked = patientOf('Wintermère', 'Ann', '1970-05-12');
  assert.deepEqual(gradesOf(await match(doctor, asked, one)), [['ann', 'certain']]);
  assert.deepEqual(gradesOf(await match(doctor, patientOf('Olsen', 'Bob', '1999-01-10'), one)), []);
  const few = await match(doctor, asked, { name: 'count', valueInteger: 1 });
  assert.deepEqual(idsOf(few, 'match'), ['ann']);
  assert.match(few.text, /patients match; the best/);
});

test('what is not understood is refused', async () => {
  const patient = patientOf('Olsen', 'Bob', '1999-01-01');
  assert.equal((await doctor.post('/fhir/Patient/$match', patient)).status, 400);
  assert.equal((await match(doctor, { resourceType: 'Basic', code: { text: 'x' } })).status, 400);
  assert.equal((await match(doctor, patient, { name: 'colour', valueString: 'x' })).status, 400);
  assert.equal((await match(doctor, { ...patient, birthDate: 'soon' })).status, 422);
  const none = await match(doctor, { resourceType: 'Patient' });
  assert.deepEqual(idsOf(none), []);
  assert.match(none.text, /Nothing given can be looked up/);
});

test('nobody is matched whom the caller may not see, and who was shown is in the audit', async () => {
  const researcher = await r.asker(tenant, 'researcher');
  const asked = patientOf('Olsen', 'Bob', '1999-01-01');
  assert.equal((await match(researcher, asked)).status, 403);
  const ann = await r.asker(tenant, 'patient', 'ann');
  assert.deepEqual(gradesOf(await match(ann, asked)), []);
  const count = async () => (await r.audited(tenant))['record.search'] ?? 0;
  const before = await count();
  await match(doctor, asked);
  assert.equal((await count()) - before, 1);
});
