import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../test/records.ts';
import { type ElementType, resourceTypes, typeSchema } from '../../standards/fhir/definitions.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

async function readBack(text: string, type: string): Promise<string> {
  const made = await admin.post(`/fhir/${type}`, text);
  assert.equal(made.status, 201, made.text);
  const read = await admin.get(`/fhir/${type}/${made.body.id}`);
  assert.equal(read.text, made.text);
  return read.text;
}

test('decimals keep every digit they were written with', async () => {
  const numbers = ['1.00', '0.010', '12345678901234567890.1', '1e2', '-0.0', '5.0E-3', '100'];
  for (const number of numbers) {
    const code = '"status":"final","code":{"text":"x"}';
    const value = `"valueQuantity":{"value":${number},"unit":"mg"}`;
    const text = await readBack(`{"resourceType":"Observation",${code},${value}}`, 'Observation');
    assert.ok(text.includes(`"value":${number},`), `${number} became ${text}`);
  }
});

test('every letter there is comes back as it went in', async () => {
  const names = [
    'Łukasz 🧬 山田太郎',
    'e\u0301 is not \u00e9',
    '\u202eright to left',
    'a\tb"c\\d/',
  ];
  const resource = { resourceType: 'Patient', name: names.map((family) => ({ family })) };
  const text = await readBack(JSON.stringify(resource), 'Patient');
  const { name } = JSON.parse(text) as { name: { family: string }[] };
  assert.deepEqual(
    name.map(({ family }) => family),
    names,
  );
});

test('profiles, tags and labels stay; version and time are the server’s alone', async () => {
  const meta = {
    profile: ['http://example.org/p|1.0'],
    tag: [{ system: 'urn:t', code: 'pilot' }],
    security: [{ system: 'urn:s', code: 'R' }],
    source: 'urn:feed:7',
  };
  const theirs = { versionId: '77', lastUpdated: '1999-01-01T00:00:00Z' };
  const made = await admin.post('/fhir/Patient', {
    resourceType: 'Patient',
    active: true,
    meta: { ...meta, ...theirs },
  });
  const { id } = made.body;
  const { versionId, lastUpdated, ...kept } = made.body.meta;
  assert.equal(versionId, '1');
  assert.ok(Date.parse(lastUpdated) > Date.parse('2020-01-01'));
  assert.deepEqual(kept, meta);
  const next = { resourceType: 'Patient', id, active: false, meta: { ...meta, ...theirs } };
  const updated = await admin.put(`/fhir/Patient/${id}`, next);
  assert.equal(updated.body.meta.versionId, '2');
  assert.deepEqual(updated.body.meta['tag'], meta.tag);
  const old = await admin.get(`/fhir/Patient/${id}/_history/1`);
  assert.deepEqual(old.body.meta, made.body.meta);
  assert.equal(
    (await admin.get('/fhir/Patient?_tag=urn:t|pilot&_profile:missing=false')).body.total,
    1,
  );
});

test('a resource of meta alone is kept with its meta', async () => {
  const bare = { resourceType: 'Basic', code: { text: 'x' }, meta: { tag: [{ code: 'only' }] } };
  const text = await readBack(JSON.stringify(bare), 'Basic');
  assert.ok(text.includes('"tag":[{"code":"only"}]'));
  const empty = await readBack(
    '{"resourceType":"Patient","meta":{"tag":[{"code":"t"}]}}',
    'Patient',
  );
  assert.ok(empty.includes('"tag":[{"code":"t"}]'));
});

test('contained resources and extensions of primitives are kept', async () => {
  const resource = {
    resourceType: 'Patient',
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Lakeside' }],
    managingOrganization: { reference: '#o' },
    birthDate: '1970-03-30',
    _birthDate: { extension: [{ url: 'urn:time', valueDateTime: '1970-03-30T01:00:00Z' }] },
    name: [{ given: ['Ann', null], _given: [null, { id: 'second' }] }],
  };
  const { resourceType, ...elements } = resource;
  const text = await readBack(JSON.stringify(resource), resourceType);
  const { id, meta, ...kept } = JSON.parse(text) as Record<string, unknown>;
  assert.ok(id && meta);
  assert.deepEqual(kept, { resourceType, ...elements });
});

test('every resource type of R4 is created, read, updated, searched and deleted', async () => {
  assert.equal(resourceTypes.size, 146);
  for (const type of resourceTypes) {
    const resource = minimal(type);
    const made = await admin.post(`/fhir/${type}`, resource);
    assert.equal(made.status, 201, `${type}: ${made.text}`);
    const { id, meta, ...kept } = made.body;
    assert.equal(meta.versionId, '1');
    assert.deepEqual(kept, resource, type);
    const url = `/fhir/${type}/${id}`;
    assert.equal((await admin.get(url)).text, made.text, type);
    const put = await admin.put(url, { ...resource, id, language: 'en' });
    assert.equal(put.status, 200, `${type}: ${put.text}`);
    const found = await admin.get(`/fhir/${type}?_id=${id}`);
    assert.equal(found.body.entry?.[0]?.resource['language'], 'en', type);
    assert.equal((await admin.remove(url)).status, 204, type);
    assert.equal((await admin.get(url)).status, 410, type);
  }
});

test('a type R4 does not have is 404, also where its name is one of JavaScript’s', async () => {
  for (const type of ['Pateint', 'Resource', 'DomainResource', 'constructor', '__proto__']) {
    for (const path of [`/fhir/${type}`, `/fhir/${type}/1`, `/fhir/${type}/_history`]) {
      const answer = await admin.get(path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.body.issue[0]?.code, 'not-supported', path);
    }
  }
});

test('a format nobody speaks is refused with 406 when asked for and 415 when sent', async () => {
  const resource = { resourceType: 'Patient', active: true };
  const { id } = (await admin.post('/fhir/Patient', resource)).body;
  const turtle = { accept: 'text/turtle' };
  for (const url of [
    `/fhir/Patient/${id}`,
    '/fhir/Patient',
    '/fhir/metadata',
    '/fhir/Patient/_history',
  ]) {
    assert.equal((await admin.get(url, turtle)).status, 406, url);
    assert.equal((await admin.get(`${url}?_format=ttl`)).status, 406, url);
  }
  assert.equal((await admin.form('/fhir/Patient/_search', '', turtle)).status, 406);
  assert.equal((await admin.form('/fhir/Patient/_search', '_format=ttl')).status, 406);
  for (const type of ['text/plain', 'text/turtle', 'application/fhir+json; charset=latin1']) {
    const sent = await admin.post('/fhir/Patient', resource, { 'content-type': type });
    assert.equal(sent.status, 415, type);
  }
  const json = { 'content-type': 'application/json; charset=utf-8' };
  assert.equal((await admin.post('/fhir/Patient', resource, json)).status, 201);
});

/** The least R4 asks of a type: its required elements, each with the plainest value. */
function minimal(type: string): { resourceType: string } & Record<string, unknown> {
  // One that is on would be refused: nobody could be told by the plainest values.
  const off = type === 'Subscription' ? { status: 'off' } : {};
  return { resourceType: type, ...required(type), ...off };
}

function required(type: string): Record<string, unknown> {
  const elements: Record<string, unknown> = {};
  for (const element of typeSchema(type)?.elements ?? []) {
    const [first] = element.types;
    if (!element.required || first === undefined) continue;
    const value = plainest(first);
    elements[first.json] = element.repeats ? [value] : value;
  }
  return elements;
}

const values: Readonly<Record<string, unknown>> = {
  ...{ boolean: true, integer: 1, positiveInt: 1, unsignedInt: 1, decimal: 1 },
  ...{ date: '2020-01-01', dateTime: '2020-01-01', instant: '2020-01-01T00:00:00Z' },
  ...{ time: '10:00:00', uri: 'urn:x', url: 'urn:x', canonical: 'urn:x', oid: 'urn:oid:1.2' },
  ...{ base64Binary: 'YQ==', id: 'x', code: 'x', string: 'x', markdown: 'x' },
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
};

function plainest({ code, codes, targets }: ElementType): unknown {
  if (codes !== undefined) return [...codes][0];
  if (code in values) return values[code];
  if (code === 'Reference') return { reference: `${[...(targets ?? ['Patient'])][0]}/x` };
  if (code === 'Resource') return minimal('Basic');
  const inner = required(code);
  if (Object.keys(inner).length > 0) return inner;
  const texts: Readonly<Record<string, object>> = {
    CodeableConcept: { text: 'x' },
    Coding: { code: 'x' },
    Period: { start: '2020-01-01' },
  };
  return texts[code] ?? { id: 'x' };
}
