import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../records.ts';
import { endures } from './trial.ts';

const MIB = 1024 * 1024;

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

const json = 'application/fhir+json';
const forms = 'application/x-www-form-urlencoded';
const list = (count: number, one: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => one(at)).join(',');
const filled = (bytes: number, text: string) => text.repeat(Math.floor(bytes / text.length));
const patient = (more: string) => `{"resourceType":"Patient",${more}}`;

/** The status, of a request that takes no second. */
async function status(url: string, body: string | Buffer, type = json): Promise<number> {
  const request = { method: 'POST' as const, url, headers: { 'content-type': type }, body };
  return (await endures(r, admin.token, request)).status;
}

test('forty megabytes of the costliest JSON are refused before they are parsed', async () => {
  for (const value of ['1.50', '10', '1e1', '{}', '[]', '[[[[[]]]]]', '""', '{"a":1}']) {
    const body = patient(`"name":[${filled(40 * MIB, `${value},`)}1]`);
    assert.equal(await status('/fhir/Patient', body), 422, value);
  }
  const marked = patient(`"x":"\\u0000","name":[${filled(49 * MIB, '1.50,')}1]`);
  assert.equal(await status('/fhir/Patient', marked), 422);
  const keys = patient(list(1_000_000, (at) => `"k${at}":1`));
  assert.equal(await status('/fhir/Patient', keys), 422);
});

test('texts of megabytes overflow no stack', async () => {
  const many = filled(8 * MIB, 'a ');
  for (const more of [`"gender":"${many}"`, `"language":"${many}a"`, `"implicitRules":"${many}"`]) {
    assert.ok((await status('/fhir/Patient', patient(more))) < 500);
  }
  const oid = `"extension":[{"url":"x","valueOid":"urn:oid:1${filled(8 * MIB, '.1')}"}]`;
  assert.ok((await status('/fhir/Patient', patient(oid))) < 500);
});

test('a resource with more to search by than index rows hold is refused', async () => {
  const given = patient(`"name":[{"given":[${list(400_000, (at) => `"x${at}"`)}]}]`);
  assert.equal(await status('/fhir/Patient', given), 422);
  const names = patient(`"name":[${list(200_000, (at) => `{"family":"x${at}"}`)}]`);
  assert.equal(await status('/fhir/Patient', names), 422);
  const items = list(60_000, (at) => `{"item":{"reference":"Patient/a${at}"}}`);
  const fits = `{"resourceType":"List","status":"current","mode":"working","entry":[${items}]}`;
  assert.ok([201, 422].includes(await status('/fhir/List', fits)));
});

test('the longest of fullUrls does not multiply with the references of its entry', async () => {
  const extension = list(2000, () => '{"url":"x","valueReference":{"reference":"Patient/1"}}');
  const entry = (at: number) =>
    `{"fullUrl":"http://${filled(200_000, 'a/')}Patient/${at}","resource":${patient(
      `"extension":[${extension}]`,
    )},"request":{"method":"POST","url":"Patient"}}`;
  const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[${list(20, entry)}]}`;
  assert.equal(await status('/fhir', bundle), 400);
});

test('the form of a search is bounded in bytes and in parameters', async () => {
  const url = '/fhir/Patient/_search';
  assert.equal(await status(url, filled(20 * MIB, 'a&'), forms), 413);
  assert.equal(await status(url, filled(MIB, 'a&'), forms), 400);
  assert.equal(await status(url, `name=${filled(MIB - 10, 'a,')}`, forms), 400);
  assert.equal(await status(url, `name=${filled(MIB - 10, '%41')}`, forms), 400);
});

test('megabytes of the costliest XML are refused, or read within the second', async () => {
  const xml = (inner: string) => `<Patient xmlns="http://hl7.org/fhir">${inner}</Patient>`;
  const attributes = list(300_000, (at) => `a${at}=""`).replaceAll(',', ' ');
  const div = '<text><div xmlns="http://www.w3.org/1999/xhtml">';
  const bodies = [
    ...[xml(filled(4 * MIB, '<a/>')), xml(`<active ${attributes}/>`)],
    ...[xml(`${div}${filled(500, '<b>')}${filled(4 * MIB, '<i/>')}`)],
    ...[xml(filled(4 * MIB, '<!-- -->')), xml(`<id value="${filled(4 * MIB, '&#65;')}"/>`)],
    `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${xml('<id value="&b;"/>')}`,
  ];
  for (const body of bodies) {
    const told = await status('/fhir/Patient', body, 'application/fhir+xml');
    assert.ok([201, 400, 422].includes(told), `${told}: ${body.slice(0, 90)}`);
  }
});
