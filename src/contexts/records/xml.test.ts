import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../test/records.ts';

const namespace = 'xmlns="http://hl7.org/fhir"';
const patient = `<Patient ${namespace}><name><family value="Adler"/></name><multipleBirthInteger value="2"/></Patient>`;

let r: TestRecords;
let token: string;

before(async () => {
  r = await testRecords();
  token = (await r.asker(await r.newTenant('Lakeside Clinic'), 'doctor')).token;
});
after(() => r.close());

type Asked = { method: 'GET' | 'POST' | 'PUT'; url: string; payload?: string; accept?: string };

async function ask({ method, url, payload, accept }: Asked) {
  const answer = await r.app.server.inject({
    ...{ method, url, ...(payload === undefined ? {} : { payload }) },
    headers: {
      authorization: `Bearer ${token}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/fhir+xml' }),
      ...(accept === undefined ? {} : { accept }),
    },
  });
  const type = String(answer.headers['content-type']);
  return { status: answer.statusCode, type, text: answer.body, headers: answer.headers };
}

test('a record made of XML is read, searched and refused in XML, and read in JSON too', async () => {
  const made = await ask({
    method: 'POST',
    url: '/fhir/Patient',
    payload: patient,
    accept: 'application/fhir+xml',
  });
  assert.equal(made.status, 201, made.text);
  assert.match(made.type, /^application\/fhir\+xml/);
  assert.match(made.text, /<family value="Adler"\/>.*<multipleBirthInteger value="2"\/>/);
  const url = /\/fhir\/Patient\/[^/]+/.exec(String(made.headers['location']))?.[0] ?? '';
  const xml = await ask({ method: 'GET', url: `${url}?_format=xml` });
  assert.equal(xml.text, made.text);
  const json = await ask({ method: 'GET', url, accept: 'application/fhir+json' });
  assert.equal(JSON.parse(json.text).name[0].family, 'Adler');
  const found = await ask({
    method: 'GET',
    url: '/fhir/Patient?family=adler&_format=application/fhir%2Bxml',
  });
  assert.match(
    found.text,
    /^<\?xml.*<Bundle xmlns="http:\/\/hl7\.org\/fhir">.*<total value="1"\/>/,
  );
  const form = await r.app.server.inject({
    ...{ method: 'POST', url: '/fhir/Patient/_search', payload: 'family=adler&_format=xml' },
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  assert.match(form.body, /^<\?xml.*<total value="1"\/>/);
  const none = await ask({ method: 'GET', url: '/fhir/Patient/nobody', accept: 'text/xml' });
  assert.equal(none.status, 404);
  assert.match(none.text, /<OperationOutcome .*<severity value="error"\/>/);
});

test('the highest q of Accept counts, and a browser gets JSON', async () => {
  const url = '/fhir/Patient?_summary=count';
  const type = async (accept: string) => (await ask({ method: 'GET', url, accept })).type;
  assert.match(await type('application/fhir+xml;q=0.4, application/fhir+json;q=0.5'), /json/);
  assert.match(await type('application/fhir+json;q=0.4, application/fhir+xml;q=0.5'), /xml/);
  assert.match(
    await type('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'),
    /json/,
  );
});

test('XML that is broken or brings entities is refused with its place', async () => {
  const entity = `<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient ${namespace}/>`;
  for (const payload of [
    entity,
    `<Patient ${namespace}>`,
    `<Patient ${namespace}><colour/></Patient>`,
  ]) {
    const answer = await ask({ method: 'POST', url: '/fhir/Patient', payload });
    assert.ok(answer.status === 400 || answer.status === 422, answer.text);
    assert.match(answer.text, /Line \d+, column \d+|no element/);
  }
});
