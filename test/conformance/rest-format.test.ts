import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;
const url = '/fhir/Patient/one';
const json = 'application/fhir+json';
const xml = 'application/fhir+xml';

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  await call('PUT', url, {
    body: { resourceType: 'Patient', id: 'one', name: [{ family: 'Äöß €' }] },
  });
});
after(() => r.close());

const accept = (type: string, of = url) => call('GET', of, { headers: { accept: type } });
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.match(reply.text, /OperationOutcome/);
}

test('Accept: each name of JSON and XML, wildcards, q, versions and charsets', async () => {
  const jsons = [
    json,
    'application/json',
    '*/*',
    'application/*',
    `${json}; charset=utf-8`,
    `${json};fhirVersion=4.0`,
    `${xml};q=0.5, ${json};q=0.9`,
    'application/json+fhir',
    `${json}, ${xml}`,
    '',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    'text/json',
    `text/html, ${json}`,
  ];
  for (const one of jsons) {
    const reply = await accept(one);
    assert.equal(reply.status, 200, `${one} ${reply.text}`);
    assert.match(reply.header('content-type'), /^application\/fhir\+json/, one);
  }
  const xmls = [
    xml,
    'application/xml',
    'text/xml',
    `${xml}; charset=UTF-8`,
    `${xml};fhirVersion=4.0`,
    `${json};q=0.5, ${xml}`,
    'application/xml+fhir',
    `${xml}, */*;q=0.1`,
  ];
  for (const one of xmls) {
    const reply = await accept(one);
    assert.equal(reply.status, 200, `${one} ${reply.text}`);
    assert.match(reply.header('content-type'), /^application\/fhir\+xml/, one);
    assert.match(reply.text, /<family value="Äöß €"\/>/);
  }
  for (const one of ['text/csv', 'image/png', 'application/fhir+turtle'])
    outcome(await accept(one), 406);
});

test('_format overrides Accept, in every form, on reads, searches and metadata', async () => {
  for (const of of [
    url,
    '/fhir/Patient',
    '/fhir/metadata',
    `${url}/_history`,
    `${url}/_history/1`,
  ]) {
    for (const one of [
      'json',
      'application/json',
      'application/fhir%2Bjson',
      'application/fhir+json',
      'text/json',
    ]) {
      const reply = await accept(xml, `${of}?_format=${one}`);
      assert.equal(reply.status, 200, `${of} ${one} ${reply.text}`);
      assert.match(reply.header('content-type'), /^application\/fhir\+json/, `${of} ${one}`);
    }
    for (const one of [
      'xml',
      'text/xml',
      'application/xml',
      'application/fhir%2Bxml',
      'application/fhir+xml',
    ]) {
      const reply = await accept(json, `${of}?_format=${one}`);
      assert.equal(reply.status, 200, `${of} ${one} ${reply.text}`);
      assert.match(reply.header('content-type'), /^application\/fhir\+xml/, `${of} ${one}`);
    }
  }
  outcome(await call('GET', `${url}?_format=turtle`), 406, 400);
  outcome(await call('GET', `${url}?_format=nonsense`), 406, 400);
});

test('fhirVersion: 4.0 is spoken, another is not', async () => {
  outcome(await accept(`${json}; fhirVersion=3.0`), 406);
  const body = { resourceType: 'Patient' };
  const type = (version: string) => ({ 'content-type': `${json}; fhirVersion=${version}` });
  assert.equal((await call('POST', '/fhir/Patient', { body, headers: type('4.0') })).status, 201);
  outcome(await call('POST', '/fhir/Patient', { body, headers: type('1.0') }), 415, 400);
});

test('bodies: JSON and XML by any name; others 415; a charset other than UTF-8 415', async () => {
  const post = (type: string, body: string) =>
    call('POST', '/fhir/Patient', { body, headers: { 'content-type': type } });
  const asJson = '{"resourceType":"Patient","active":true}';
  const asXml = '<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>';
  for (const type of [
    json,
    'application/json',
    `${json};charset=utf-8`,
    `${json}; charset="UTF-8"`,
    'application/json+fhir',
  ])
    assert.equal((await post(type, asJson)).status, 201, type);
  for (const type of [xml, 'application/xml', 'text/xml', `${xml};charset=UTF-8`])
    assert.equal((await post(type, asXml)).status, 201, type);
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
  ])
    outcome(await post(type, asJson), 415, 400);
  outcome(await post(`${json}; charset=utf-16`, asJson), 415, 400);
  outcome(await post(json, asXml), 400);
  outcome(await post(xml, asJson), 400);
  outcome(await post(xml, '<Patient xmlns="http://hl7.org/fhir"><active'), 400);
  outcome(await post(xml, '<Patient><active value="true"/></Patient>'), 400, 422);
  outcome(
    await post(xml, '<!DOCTYPE a [<!ENTITY b "c">]><Patient xmlns="http://hl7.org/fhir"/>'),
    400,
  );
});

test('a request in XML is answered in XML when nothing else is asked', async () => {
  const body = '<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>';
  const reply = await call('POST', '/fhir/Patient', { body, headers: { 'content-type': xml } });
  assert.equal(reply.status, 201);
  assert.match(reply.header('content-type'), /^application\/fhir\+(xml|json)/);
  const bad = await call('POST', '/fhir/Patient', {
    body: '<x',
    headers: { 'content-type': xml, accept: xml },
  });
  assert.match(bad.header('content-type'), /^application\/fhir\+xml/);
  assert.match(bad.text, /<OperationOutcome/);
});

test('errors keep to the asked format: 404, 400, 405 in XML', async () => {
  for (const of of [
    '/fhir/Patient/none',
    '/fhir/Nothing/1',
    '/fhir/Patient?nonsense=1',
    '/fhir/a/b/c/d',
  ]) {
    const reply = await accept(xml, of);
    assert.ok(reply.status >= 400);
    assert.match(reply.header('content-type'), /^application\/fhir\+xml/, of);
    assert.match(reply.text, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir">/, of);
  }
});

test('_pretty=true and false, and JSON with a BOM', async () => {
  assert.match((await call('GET', `${url}?_pretty=true`)).text, /\n/);
  assert.doesNotMatch((await call('GET', `${url}?_pretty=false`)).text, /\n/);
  const reply = await call('POST', '/fhir/Patient', { body: '\uFEFF{"resourceType":"Patient"}' });
  assert.ok([201, 400].includes(reply.status), reply.text);
});

test('_summary and _elements hold for vread and for what XML shows', async () => {
  const reply = await call('GET', `${url}/_history/1?_elements=active`);
  assert.equal(reply.body['name'], undefined);
  const shaped = await call('GET', `${url}?_elements=active&_format=xml`);
  assert.doesNotMatch(shaped.text, /family/);
});

test('Binary: the content itself by Accept, the resource as FHIR', async () => {
  const data = Buffer.from('hello world').toString('base64');
  const made = await call('POST', '/fhir/Binary', {
    body: { resourceType: 'Binary', contentType: 'text/plain', data },
  });
  assert.equal(made.status, 201, made.text);
  const at = `/fhir/Binary/${made.body.id}`;
  const asFhir = await accept(json, at);
  assert.equal(asFhir.body['data'], data);
  const native = await accept('text/plain', at);
  assert.equal(native.status, 200, native.text);
  assert.match(native.header('content-type'), /^text\/plain/);
  assert.equal(native.text, 'hello world');
  const raw = await call('POST', '/fhir/Binary', {
    body: 'raw text',
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(raw.status, 201, raw.text);
  const back = await accept(
    json,
    `/fhir/Binary/${/Binary\/([^/]+)/.exec(raw.header('location'))?.[1]}`,
  );
  assert.equal(back.body['contentType'], 'text/plain');
  assert.equal(Buffer.from(String(back.body['data']), 'base64').toString(), 'raw text');
});
