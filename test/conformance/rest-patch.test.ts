import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

function outcome(reply: Reply, ...statuses: number[]): void {
  assert.ok(statuses.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}

type Part = { name: string; [value: `value${string}`]: unknown; part?: Part[] };
const operation = (...part: Part[]) => ({ name: 'operation', part });
const parameters = (...ops: object[]) => ({ resourceType: 'Parameters', parameter: ops });

const type = (valueCode: string): Part => ({ name: 'type', valueCode });
const path = (valueString: string): Part => ({ name: 'path', valueString });
const name = (valueString: string): Part => ({ name: 'name', valueString });

async function patching() {
  const { body } = await call('POST', '/fhir/Patient', { body: { resourceType: 'Patient' } });
  const url = `/fhir/Patient/${body.id}`;
  const patch = (...ops: object[]) => call('PATCH', url, { body: parameters(...ops) });
  return { url, patch };
}

test('FHIRPath Patch: add, insert, replace, delete, move (fhirpatch.html)', async () => {
  const { patch } = await patching();
  const added = await patch(
    operation(type('add'), path('Patient'), name('birthDate'), {
      name: 'value',
      valueDate: '1990-01-01',
    }),
  );
  assert.equal(added.status, 200, added.text);
  assert.equal(added.body['birthDate'], '1990-01-01');
  const human = await patch(
    operation(type('add'), path('Patient'), name('name'), {
      name: 'value',
      valueHumanName: { family: 'One' },
    }),
  );
  assert.deepEqual(human.body['name'], [{ family: 'One' }], human.text);
  const inserted = await patch(
    operation(
      type('insert'),
      path('Patient.name'),
      { name: 'index', valueInteger: 0 },
      { name: 'value', valueHumanName: { family: 'Zero' } },
    ),
  );
  assert.deepEqual(inserted.body['name'], [{ family: 'Zero' }, { family: 'One' }], inserted.text);
  const moved = await patch(
    operation(
      type('move'),
      path('Patient.name'),
      { name: 'source', valueInteger: 1 },
      { name: 'destination', valueInteger: 0 },
    ),
  );
  assert.deepEqual(moved.body['name'], [{ family: 'One' }, { family: 'Zero' }], moved.text);
  const replaced = await patch(
    operation(type('replace'), path('Patient.birthDate'), {
      name: 'value',
      valueDate: '1991-01-01',
    }),
  );
  assert.equal(replaced.body['birthDate'], '1991-01-01', replaced.text);
  const contact = await patch(
    operation(type('add'), path('Patient'), name('contact'), {
      name: 'value',
      part: [
        { name: 'name', valueHumanName: { text: 'a name' } },
        { name: 'gender', valueCode: 'male' },
      ],
    }),
  );
  assert.deepEqual(
    contact.body['contact'],
    [{ name: { text: 'a name' }, gender: 'male' }],
    contact.text,
  );
  const deleted = await patch(
    operation(type('delete'), path("Patient.name.where(family = 'Zero')")),
  );
  assert.deepEqual(deleted.body['name'], [{ family: 'One' }], deleted.text);
});

test('FHIRPath Patch: what is not there, several at once, choices, XML', async () => {
  const { url, patch } = await patching();
  assert.equal((await patch(operation(type('delete'), path('Patient.photo')))).status, 200);
  outcome(
    await patch(
      operation(type('replace'), path('Patient.photo'), { name: 'value', valueAttachment: {} }),
    ),
    400,
    422,
  );
  outcome(await patch(operation(type('nonsense'), path('Patient'))), 400, 422);
  outcome(await patch(operation(type('add'), path('Patient.(('), name('a'))), 400, 422);
  const many = await patch(
    operation(type('add'), path('Patient'), name('active'), { name: 'value', valueBoolean: true }),
    operation(type('replace'), path('Patient.active'), { name: 'value', valueBoolean: false }),
  );
  assert.equal(many.body['active'], false, many.text);
  const choice = await patch(
    operation(type('add'), path('Patient'), name('deceased'), {
      name: 'value',
      valueBoolean: true,
    }),
  );
  assert.equal(choice.body['deceasedBoolean'], true, choice.text);
  const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="delete"/></part><part><name value="path"/><valueString value="Patient.birthDate"/></part></parameter></Parameters>`;
  const byXml = await call('PATCH', url, {
    body: xml,
    headers: { 'content-type': 'application/fhir+xml' },
  });
  assert.equal(byXml.status, 200, byXml.text);
});
