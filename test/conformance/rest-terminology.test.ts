import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  for (const resource of samples()) {
    const { resourceType, id } = resource;
    const reply = await call('PUT', `/fhir/${resourceType}/${id}`, { body: resource });
    assert.equal(reply.status, 201, reply.text);
  }
});
after(() => r.close());

const gender = 'http://hl7.org/fhir/administrative-gender';
const genders = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const own = 'http://example.org/cs';

function samples() {
  return [
    {
      resourceType: 'CodeSystem',
      id: 'cs',
      url: own,
      status: 'active',
      content: 'complete',
      hierarchyMeaning: 'is-a',
      concept: [{ code: 'a', display: 'Alpha', concept: [{ code: 'b', display: 'Beta' }] }],
    },
    {
      resourceType: 'ValueSet',
      id: 'vs',
      url: 'http://example.org/vs',
      status: 'active',
      compose: { include: [{ system: own }] },
    },
    {
      resourceType: 'ConceptMap',
      id: 'cm',
      url: 'http://example.org/cm',
      status: 'active',
      sourceUri: 'http://example.org/vs',
      targetUri: genders,
      group: [
        {
          source: own,
          target: gender,
          element: [
            { code: 'a', target: [{ code: 'male', equivalence: 'equivalent' }] },
            { code: 'b', target: [{ equivalence: 'unmatched' }] },
          ],
        },
      ],
    },
  ];
}

type Part = { name: string; part?: Part[]; [key: string]: unknown };
const parameters = (...parameter: Part[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length === 0 ? {} : { parameter }),
});
const partsOf = (reply: Reply) => {
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.resourceType, 'Parameters', reply.text);
  return reply.body['parameter'] as Part[];
};
const contentOf = (reply: Reply, name: string) => {
  const part = partsOf(reply).find((one) => one.name === name) ?? {};
  return Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
};
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}
test('$lookup: GET and POST, coding, instance; unknown codes and systems are errors', async () => {
  const at = '/fhir/CodeSystem/$lookup';
  const reply = await call('GET', `${at}?system=${gender}&code=male`);
  assert.equal(contentOf(reply, 'display'), 'Male');
  assert.notEqual(contentOf(reply, 'name'), undefined);
  const posted = await call('POST', at, {
    body: parameters({ name: 'system', valueUri: own }, { name: 'code', valueCode: 'b' }),
  });
  assert.equal(contentOf(posted, 'display'), 'Beta');
  const coded = await call('POST', at, {
    body: parameters({ name: 'coding', valueCoding: { system: own, code: 'a' } }),
  });
  assert.equal(contentOf(coded, 'display'), 'Alpha');
  assert.equal(
    contentOf(await call('GET', '/fhir/CodeSystem/cs/$lookup?code=a'), 'display'),
    'Alpha',
  );
  outcome(await call('GET', `${at}?system=${own}&code=zzz`), 404, 422, 400);
  outcome(await call('GET', `${at}?system=http://example.org/none&code=a`), 404, 422, 400);
  outcome(await call('GET', `${at}?code=a`), 400, 422);
  outcome(await call('GET', at), 400, 422);
});

test('$validate-code of CodeSystem and ValueSet: url+code, coding, codeableConcept, display', async () => {
  const at = '/fhir/ValueSet/$validate-code';
  const result = async (reply: Promise<Reply>) => contentOf(await reply, 'result');
  assert.equal(await result(call('GET', `${at}?url=${genders}&system=${gender}&code=male`)), true);
  assert.equal(await result(call('GET', `${at}?url=${genders}&system=${gender}&code=nope`)), false);
  const wrong = await call('GET', `${at}?url=${genders}&system=${gender}&code=male&display=Wrong`);
  assert.equal(contentOf(wrong, 'result'), false);
  assert.notEqual(contentOf(wrong, 'message'), undefined);
  assert.equal(
    await result(call('GET', `/fhir/ValueSet/vs/$validate-code?system=${own}&code=b`)),
    true,
  );
  assert.equal(
    await result(call('GET', `/fhir/CodeSystem/$validate-code?url=${own}&code=b`)),
    true,
  );
  assert.equal(await result(call('GET', '/fhir/CodeSystem/cs/$validate-code?code=x')), false);
  const concept = {
    coding: [
      { system: 'http://x', code: 'x' },
      { system: own, code: 'a' },
    ],
  };
  const body = parameters(
    { name: 'url', valueUri: 'http://example.org/vs' },
    { name: 'codeableConcept', valueCodeableConcept: concept },
  );
  assert.equal(await result(call('POST', at, { body })), true);
  const coding = parameters(
    { name: 'url', valueUri: genders },
    { name: 'coding', valueCoding: { system: gender, code: 'female' } },
  );
  assert.equal(await result(call('POST', at, { body: coding })), true);
  const inline = parameters(
    { name: 'valueSet', resource: samples().find(({ id }) => id === 'vs') },
    { name: 'code', valueCode: 'a' },
    { name: 'system', valueUri: own },
  );
  assert.equal(await result(call('POST', at, { body: inline })), true);
  outcome(
    await call('GET', `${at}?url=http://example.org/none&system=${gender}&code=male`),
    404,
    422,
    400,
  );
  outcome(await call('GET', `${at}?url=${genders}`), 400, 422);
});

test('$expand: url, instance, POST, filter, count, offset, activeOnly, errors', async () => {
  type Expanded = {
    expansion: { timestamp: string; total: number; contains?: { code: string }[] };
  };
  const codes = async (reply: Reply) => {
    assert.equal(reply.status, 200, reply.text);
    const { expansion } = reply.body as unknown as Expanded;
    assert.match(expansion.timestamp, /^\d{4}-/);
    return (expansion.contains ?? []).map(({ code }) => code);
  };
  const get = async (url: string) => codes(await call('GET', `/fhir/ValueSet/${url}`));
  assert.deepEqual(await get(`$expand?url=${genders}`), ['male', 'female', 'other', 'unknown']);
  assert.deepEqual((await get('vs/$expand')).toSorted(), ['a', 'b']);
  assert.deepEqual(await get(`$expand?url=${genders}&filter=fem`), ['female']);
  assert.deepEqual(await get(`$expand?url=${genders}&count=2&offset=1`), ['female', 'other']);
  assert.deepEqual(await get(`$expand?url=${genders}&count=0`), []);
  const posted = await call('POST', '/fhir/ValueSet/$expand', {
    body: parameters({ name: 'url', valueUri: genders }),
  });
  assert.equal((await codes(posted)).length, 4);
  const inline = {
    resourceType: 'ValueSet',
    status: 'active',
    compose: {
      include: [{ system: own, filter: [{ property: 'concept', op: 'is-a', value: 'a' }] }],
    },
  };
  const wrapped = await call('POST', '/fhir/ValueSet/$expand', {
    body: parameters({ name: 'valueSet', resource: inline }),
  });
  assert.deepEqual((await codes(wrapped)).toSorted(), ['a', 'b']);
  outcome(await call('GET', '/fhir/ValueSet/$expand?url=http://example.org/none'), 404, 422, 400);
  outcome(await call('GET', '/fhir/ValueSet/$expand'), 400, 422);
  outcome(await call('GET', '/fhir/ValueSet/nothing/$expand'), 404);
});

test('$subsumes: subsumes, subsumed-by, equivalent, not-subsumed', async () => {
  const ask = async (a: string, b: string) =>
    contentOf(
      await call('GET', `/fhir/CodeSystem/$subsumes?system=${own}&codeA=${a}&codeB=${b}`),
      'outcome',
    );
  assert.deepEqual(
    [await ask('a', 'b'), await ask('b', 'a'), await ask('a', 'a')],
    ['subsumes', 'subsumed-by', 'equivalent'],
  );
  assert.equal(
    contentOf(await call('GET', '/fhir/CodeSystem/cs/$subsumes?codeA=a&codeB=b'), 'outcome'),
    'subsumes',
  );
  outcome(
    await call('GET', `/fhir/CodeSystem/$subsumes?system=${own}&codeA=a&codeB=zz`),
    404,
    422,
    400,
  );
  outcome(await call('GET', `/fhir/CodeSystem/$subsumes?system=${own}&codeA=a`), 400, 422);
});

test('$translate: by map, instance, source and target; unmatched and unknown', async () => {
  const at = `/fhir/ConceptMap/$translate?url=http://example.org/cm&system=${own}&code=`;
  const reply = await call('GET', `${at}a`);
  assert.equal(contentOf(reply, 'result'), true);
  const match = partsOf(reply).find(({ name }) => name === 'match')?.part ?? [];
  assert.deepEqual(match.find(({ name }) => name === 'concept')?.['valueCoding'], {
    system: gender,
    code: 'male',
    ...(match.find(({ name }) => name === 'concept')?.['valueCoding'] as object),
  });
  assert.equal(match.find(({ name }) => name === 'equivalence')?.['valueCode'], 'equivalent');
  assert.equal(contentOf(await call('GET', `${at}b`), 'result'), false);
  assert.equal(
    contentOf(await call('GET', `/fhir/ConceptMap/cm/$translate?system=${own}&code=a`), 'result'),
    true,
  );
  const posted = await call('POST', '/fhir/ConceptMap/$translate', {
    body: parameters(
      { name: 'url', valueUri: 'http://example.org/cm' },
      { name: 'coding', valueCoding: { system: own, code: 'a' } },
    ),
  });
  assert.equal(contentOf(posted, 'result'), true);
  outcome(
    await call(
      'GET',
      `/fhir/ConceptMap/$translate?url=http://example.org/none&system=${own}&code=a`,
    ),
    404,
    422,
    400,
  );
});

test('operations answer in XML too, and take Parameters in XML', async () => {
  const xml = { accept: 'application/fhir+xml', 'content-type': 'application/fhir+xml' };
  const body = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="system"/><valueUri value="${own}"/></parameter><parameter><name value="code"/><valueCode value="a"/></parameter></Parameters>`;
  const reply = await call('POST', '/fhir/CodeSystem/$lookup', { body, headers: xml });
  assert.match(reply.text, /<Parameters.*<name value="display"\/><valueString value="Alpha"\/>/);
});
