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
let admin: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
  const ann = { resourceType: 'Patient', id: 'ann', name: [{ family: 'Zorn', given: ['Abel'] }] };
  assert.equal((await admin.put('/fhir/Patient/ann', ann)).status, 201);
});
after(() => r.close());

function lines({ body }: Answer): string {
  const outcome = body.entry?.find(({ search }) => search?.mode === 'outcome')?.resource;
  const issues = outcome?.['issue'] as { details: { text: string } }[] | undefined;
  return (issues ?? []).map(({ details }) => details.text).join('\n');
}

test('a search explains itself: clauses, plan, what each match answers by', async () => {
  const answer = await admin.get('/fhir/Patient?name=zorn&family:contains=orn&_explain=true');
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(idsOf(answer), ['ann']);
  const told = lines(answer);
  assert.match(told, /Patient: name: string, rows decide/);
  assert.match(told, /family:contains: substring, rows narrow it, content decides/);
  assert.match(told, /1 records were opened/);
  assert.match(told, /Index .*Scan/);
  assert.match(told, /Patient\/ann answers by .*family \(string\)/);
  assert.doesNotMatch(told, /zorn|orn\b|\d{12}/i, 'no value, no hash');
});

test('who sees only their own is told no guesses about others', async () => {
  const ann = await r.asker(tenant, 'patient', 'ann');
  const told = lines(await ann.get('/fhir/Patient?name=zorn&_explain=true'));
  assert.match(told, /Patient\/ann answers by/);
  assert.doesNotMatch(told, /Scan/);
});

test('chains, sorts and several types are explained too', async () => {
  const asked = ['Observation?subject:Patient.name=zorn&_sort=-date', 'Patient?_sort=family'];
  asked.push(
    '?_type=Patient,Observation',
    'Observation?code=a,b',
    'Patient?_has:Observation:patient:code=x',
  );
  for (const url of asked) {
    const answer = await admin.get(`/fhir/${url}${url.includes('?') ? '&' : '?'}_explain=true`);
    assert.equal(answer.status, 200, answer.text);
    assert.match(lines(answer), /Plan of the database/, url);
  }
});
