import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  idsOf,
  linkOf,
  type TestRecords,
  testRecords,
} from '../records.ts';
import { store } from './query-case.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  await store(admin, [...patients(), ...observations()]);
});
after(() => r.close());

const families = ['Zulu', 'alpha', 'Émile', 'Bravo', 'alpha'];
function patients() {
  const named = families.map((family, n) => ({
    ...{ resourceType: 'Patient', id: `p${n}`, name: [{ family, given: [`G${9 - n}`] }] },
    ...{ gender: n % 2 === 0 ? 'male' : 'female', birthDate: `19${90 - n}-01-01`, active: true },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">words</div>' },
    telecom: [{ system: 'phone', value: '1' }],
    contact: [{ name: { family: 'Contact' } }],
    photo: [{ title: 'x' }],
    generalPractitioner: [{ display: 'Doc' }],
  }));
  return [...named, { resourceType: 'Patient', id: 'bare' }];
}
function observations() {
  return Array.from({ length: 25 }, (_, n) => ({
    ...{
      resourceType: 'Observation',
      id: `o${n}`,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: n % 2 === 0 ? 'even' : 'odd' }] },
    },
    subject: { reference: `Patient/p${n % 5}` },
    effectiveDateTime: `2020-01-${String(((n * 7) % 25) + 1).padStart(2, '0')}`,
    valueQuantity: {
      value: (n * 11) % 25,
      unit: 'mg',
      system: 'http://unitsofmeasure.org',
      code: 'mg',
    },
  }));
}
const get = async (query: string, headers = {}) => {
  const answer = await admin.get(`/fhir/${query}`, headers);
  assert.equal(answer.status, 200, `${query}: ${answer.text.slice(0, 600)}`);
  return answer;
};
const inOrder = async (query: string) => idsOf(await get(query), 'match').join(' ');

test('a searchset has what search.html#return asks of it', async () => {
  const answer = await get('Patient?_id=p0');
  assert.match(String(answer.headers['content-type']), /application\/fhir\+json/);
  const { body } = answer;
  assert.equal(body.resourceType, 'Bundle');
  assert.equal(body.type, 'searchset');
  assert.equal(body.total, 1);
  assert.equal(body.entry?.length, 1);
  assert.equal(body.entry?.[0]?.fullUrl, `${r.baseUrl}/Patient/p0`);
  assert.equal(body.entry?.[0]?.search?.mode, 'match');
  assert.equal(body.entry?.[0]?.response, undefined);
  assert.match(linkOf(answer, 'self') ?? '', /\/fhir\/Patient\?.*_id=p0/);
  const none = await get('Patient?_id=nobody');
  assert.equal(none.body.total, 0);
  assert.equal(none.body.entry, undefined);
});

test('_sort by every kind of parameter, up and down, by several (search.html#sort)', async () => {
  const cases: [string, string][] = [
    ['Patient?family:missing=false&_sort=family,-birthdate', 'p1 p4 p3 p2 p0'],
    ['Patient?family:missing=false&_sort=-family,birthdate', 'p0 p2 p3 p4 p1'],
    ['Patient?family:missing=false&_sort=birthdate', 'p4 p3 p2 p1 p0'],
    ['Patient?family:missing=false&_sort=-birthdate', 'p0 p1 p2 p3 p4'],
    ['Patient?family:missing=false&_sort=gender,birthdate', 'p3 p1 p4 p2 p0'],
    ['Patient?family:missing=false&_sort=-gender,-birthdate', 'p0 p2 p4 p1 p3'],
    ['Patient?family:missing=false&_sort=given', 'p4 p3 p2 p1 p0'],
    ['Patient?_sort=_id', 'bare p0 p1 p2 p3 p4'],
    ['Patient?_sort=-_id', 'p4 p3 p2 p1 p0 bare'],
    ['Observation?_count=3&_sort=value-quantity', 'o0 o16 o7'],
    ['Observation?_count=3&_sort=-value-quantity', 'o9 o18 o2'],
    ['Observation?_count=3&_sort=date', 'o0 o18 o11'],
    ['Observation?_count=3&_sort=-date', 'o7 o14 o21'],
    ['Observation?code=odd&_count=3&_sort=-date', 'o7 o21 o3'],
    ['Observation?_count=2&_sort=subject,date', 'o0 o15'],
  ];
  const wrong: string[] = [];
  for (const [query, ids] of cases) {
    const told = await inOrder(query);
    if (told !== ids) wrong.push(`${query} is ${told} wants ${ids}`);
  }
  assert.equal(wrong.join('\n'), '');
  const last = await inOrder('Patient?_sort=family');
  assert.ok(last.endsWith('bare') || last.startsWith('bare'), last);
  assert.equal(idsOf(await get('Patient?_sort=-_lastUpdated')).length, 6);
});

async function walk(query: string): Promise<{ ids: string[]; pages: number; answers: Answer[] }> {
  const answers: Answer[] = [];
  let next: string | undefined = `/fhir/${query}`;
  while (next !== undefined) {
    const answer: Answer = await admin.get(next);
    assert.equal(answer.status, 200, answer.text.slice(0, 400));
    answers.push(answer);
    next = linkOf(answer, 'next');
  }
  return { ids: answers.flatMap((one) => idsOf(one, 'match')), pages: answers.length, answers };
}

test('by next links every resource is seen exactly once (http.html#paging)', async () => {
  for (const query of [
    'Observation?_count=4',
    'Observation?_count=4&_sort=date',
    'Observation?_count=4&_sort=-value-quantity',
    'Observation?_count=4&_sort=code',
    'Observation?_count=4&code=odd,even',
    'Observation?_count=4&_sort=_lastUpdated',
    'Observation?_count=4&patient.gender=male,female',
    'Observation?_count=4&value-quantity=ge0',
    'Observation?_count=4&_sort=subject',
    'Observation?_count=4&_include=Observation:subject',
  ]) {
    const { ids, pages, answers } = await walk(query);
    assert.equal(ids.length, 25, query);
    assert.equal(new Set(ids).size, 25, query);
    assert.equal(pages, 7, query);
    for (const one of answers) {
      assert.ok(idsOf(one, 'match').length <= 4);
      assert.ok(linkOf(one, 'self'), 'every page has a self link');
    }
  }
});

test('pages stay whole while others write', async () => {
  const first = await get('Observation?_count=10&_sort=-date');
  await store(admin, [
    {
      resourceType: 'Observation',
      id: 'late',
      status: 'final',
      code: { text: 'x' },
      effectiveDateTime: '2020-01-24T12:00:00Z',
    },
  ]);
  const second = await admin.get(linkOf(first, 'next') ?? '');
  const third = await admin.get(linkOf(second, 'next') ?? '');
  const seen = [first, second, third].flatMap((one) => idsOf(one)).filter((id) => id !== 'late');
  assert.equal(new Set(seen).size, 25);
  assert.equal(seen.length, 25);
  await admin.remove('/fhir/Observation/late');
});

test('first and previous links, where given, lead where they say', async () => {
  const first = await get('Observation?_count=10&_sort=date');
  const second = await admin.get(linkOf(first, 'next') ?? '');
  const before = linkOf(second, 'previous') ?? linkOf(second, 'prev');
  if (before !== undefined) {
    assert.deepEqual(idsOf(await admin.get(before)), idsOf(first));
  }
  const start = linkOf(second, 'first');
  if (start !== undefined) assert.deepEqual(idsOf(await admin.get(start)), idsOf(first));
});

test('_count=0 and _summary=count tell only the number (search.html#count, #summary)', async () => {
  for (const query of [
    'Observation?_count=0',
    'Observation?_summary=count',
    'Observation?_summary=count&_count=5',
    'Observation?_count=0&_sort=date',
  ]) {
    const { body } = await get(query);
    assert.equal(body.total, 25, query);
    assert.equal(body.entry, undefined, query);
    assert.equal(
      body.link.find(({ relation }) => relation === 'next'),
      undefined,
      query,
    );
  }
  const { body } = await get('Observation?_summary=count&code=odd');
  assert.equal(body.total, 12);
});

test('_total is told when asked for (search.html#total)', async () => {
  assert.equal((await get('Observation?_total=accurate&_count=5')).body.total, 25);
  assert.equal((await get('Observation?_total=accurate&code=even&_count=5')).body.total, 13);
  assert.equal(typeof (await get('Observation?_total=estimate&_count=5')).body.total, 'number');
  const plain = await get('Observation?_count=5');
  assert.ok(plain.body.total === undefined || plain.body.total === 25);
  const included = await get('Observation?_total=accurate&_count=5&_include=Observation:subject');
  assert.equal(included.body.total, 25, 'included resources are not counted');
});

test('_summary (search.html#summary)', async () => {
  const only = async (query: string) =>
    (await get(query)).body.entry?.[0]?.resource ?? assert.fail();
  const yes = await only('Patient?_id=p0&_summary=true');
  assert.deepEqual(tagsOf(yes), ['SUBSETTED']);
  assert.ok(yes['name'] && yes['birthDate'] && yes['telecom'] && yes['active']);
  assert.ok(
    !('text' in yes) && !('contact' in yes) && !('photo' in yes) && !('generalPractitioner' in yes),
  );
  const text = await only('Patient?_id=p0&_summary=text');
  assert.deepEqual(Object.keys(text).sort(), ['id', 'meta', 'resourceType', 'text']);
  assert.deepEqual(tagsOf(text), ['SUBSETTED']);
  const data = await only('Patient?_id=p0&_summary=data');
  assert.ok(!('text' in data) && 'contact' in data);
  assert.deepEqual(tagsOf(data), ['SUBSETTED']);
  const no = await only('Patient?_id=p0&_summary=false');
  assert.ok('text' in no && 'contact' in no);
  assert.deepEqual(tagsOf(no), []);
  const observed = await only('Observation?_id=o0&_summary=text');
  assert.deepEqual(Object.keys(observed).sort(), ['code', 'id', 'meta', 'resourceType', 'status']);
});

test('_elements gives those, the mandatory ones, and a tag (search.html#elements)', async () => {
  const only = async (query: string) =>
    (await get(query)).body.entry?.[0]?.resource ?? assert.fail();
  const patient = await only('Patient?_id=p0&_elements=name,birthDate');
  assert.deepEqual(Object.keys(patient).sort(), [
    'birthDate',
    'id',
    'meta',
    'name',
    'resourceType',
  ]);
  assert.deepEqual(tagsOf(patient), ['SUBSETTED']);
  const observed = await only('Observation?_id=o0&_elements=subject');
  assert.deepEqual(Object.keys(observed).sort(), [
    'code',
    'id',
    'meta',
    'resourceType',
    'status',
    'subject',
  ]);
  const value = await only('Observation?_id=o0&_elements=value');
  assert.ok('valueQuantity' in value, 'a choice by its name without the type');
});

const tagsOf = (resource: Record<string, unknown>) =>
  ((resource['meta'] as { tag?: { code: string }[] } | undefined)?.tag ?? []).map(
    ({ code }) => code,
  );

test('POST _search answers as GET does (http.html#search)', async () => {
  const cases: [string, string, string][] = [
    ['/fhir/Patient/_search', '_id=p0', 'p0'],
    ['/fhir/Patient/_search', 'family=alpha&gender=female', 'p1'],
    ['/fhir/Patient/_search?gender=female', 'family=alpha', 'p1'],
    ['/fhir/Patient/_search?family=alpha&gender=female', '', 'p1'],
    ['/fhir/Patient/_search', 'family=%C3%A9mile', 'p2'],
    ['/fhir/Patient/_search', 'name=g9+&_count=5', 'p0'],
    ['/fhir/_search', '_type=Patient&family=zulu', 'p0'],
    ['/fhir/Patient/p0/Observation/_search', 'code=odd&value-quantity=lt10', 'o5'],
  ];
  for (const [url, fields, ids] of cases) {
    const answer = await admin.form(url, fields);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(idsOf(answer, 'match').join(' '), ids, `${url} ${fields}`);
    assert.equal(answer.body.type, 'searchset');
    assert.ok(linkOf(answer, 'self'), url);
  }
  const charset = await admin.form('/fhir/Patient/_search', '_id=p0', {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
  });
  assert.deepEqual(idsOf(charset), ['p0']);
  const json = await admin.post('/fhir/Patient/_search', {});
  assert.ok([400, 415].includes(json.status));
  const empty = await admin.form('/fhir/Patient/_search', '');
  assert.equal(empty.status, 200);
  assert.equal(idsOf(empty).length, 6);
  const paged = await admin.form('/fhir/Observation/_search', '_count=20');
  assert.equal(idsOf(await admin.get(linkOf(paged, 'next') ?? '')).length, 5);
});

test('the self link says what was done (search.html#conformance)', async () => {
  const self =
    linkOf(await get('Patient?family=alpha&_count=1&_sort=-birthdate&gender:not=male'), 'self') ??
    '';
  const params = new URL(self, 'http://x').searchParams;
  assert.equal(params.get('family'), 'alpha');
  assert.equal(params.get('_sort'), '-birthdate');
  assert.equal(params.get('gender:not'), 'male');
  assert.equal(params.get('_count'), '1');
  const again = await admin.get(self);
  assert.deepEqual(idsOf(again), ['p1']);
});

test('a page has its bound, and an absurd _count is held to it', async () => {
  const answer = await get('Patient?_count=100000');
  assert.equal(idsOf(answer).length, 6);
});

test('a patient who is deleted is found no more, updated is found by what it is now', async () => {
  await store(admin, [{ resourceType: 'Patient', id: 'gone', name: [{ family: 'Before' }] }]);
  assert.equal(await inOrder('Patient?family=before'), 'gone');
  await store(admin, [{ resourceType: 'Patient', id: 'gone', name: [{ family: 'Later' }] }]);
  assert.equal(await inOrder('Patient?family=before'), '');
  assert.equal(await inOrder('Patient?family=later'), 'gone');
  assert.equal((await admin.remove('/fhir/Patient/gone')).status < 300, true);
  assert.equal(await inOrder('Patient?family=later'), '');
});

test('_format and _pretty stand in a search as anywhere', async () => {
  for (const format of ['json', 'application/json', 'application/fhir%2Bjson', 'text/json']) {
    await get(`Patient?_id=p0&_format=${format}`);
  }
  assert.match((await get('Patient?_id=p0&_pretty=true')).text, /\n {2,}"/);
  const xml = await r.app.server.inject({
    method: 'GET',
    url: '/fhir/Patient?_id=p0&_format=xml',
    headers: { authorization: `Bearer ${admin.token}` },
  });
  assert.equal(xml.statusCode, 200, xml.body);
  assert.match(String(xml.headers['content-type']), /xml/);
  assert.match(xml.body, /<Bundle xmlns="http:\/\/hl7.org\/fhir">/);
});

test('HEAD of a search, and a search in a batch', async () => {
  const batch = await admin.post('/fhir', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: 'Patient?family=alpha' } },
      { request: { method: 'GET', url: 'Observation?_summary=count' } },
    ],
  });
  assert.equal(batch.status, 200);
  assert.equal(batch.body.entry?.[0]?.resource.entry?.length, 2);
  assert.equal(batch.body.entry?.[1]?.resource.total, 25);
});

test('a refused search is an OperationOutcome which names the parameter', async () => {
  const answer = await admin.get('/fhir/Patient?birthdate=abc');
  assert.equal(answer.status, 400);
  assert.equal(answer.body.resourceType, 'OperationOutcome');
  assert.equal(answer.body.issue[0]?.severity, 'error');
  assert.match(answer.text, /birthdate/);
  assert.ok(!answer.text.includes('abc'));
  assert.equal((await admin.get('/fhir/Nothing?_id=1')).status, 404);
});
