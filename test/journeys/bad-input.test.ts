import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Asker, type Outcome, type TestRecords, testRecords } from '../records.ts';

const MIB = 1024 * 1024;
/**
 * What a refusal may take on a machine that runs other tests too; more for ten MiB, alone it is 1.4
 * s.
 */
const PATIENCE_MS = 2000;

let r: TestRecords;
let port: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  await r.app.server.listen({ host: '127.0.0.1', port: 0 });
  port = (r.app.server.server.address() as AddressInfo).port;
});
after(() => r.close());

type Told = { status: number; body: Outcome & { error?: { code: string } } };
type Request = { method?: string; token?: string | null; type?: string; body?: string | Buffer };

async function ask(path: string, request: Request = {}): Promise<Told> {
  const { method = 'GET', token = admin.token, type = 'application/fhir+json', body } = request;
  const started = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const took = performance.now() - started;
  const patience = PATIENCE_MS + ((body?.length ?? 0) / MIB) * 400;
  assert.ok(took < patience, `${method} ${path.slice(0, 60)}: ${Math.round(took)} ms`);
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** Refused with a code, in words, and the server goes on. */
async function refused(answer: Promise<Told>, what: string, ...statuses: number[]): Promise<void> {
  const { status, body } = await answer;
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${JSON.stringify(body)}`);
  if (statuses.length > 0) assert.ok(statuses.includes(status), `${what}: ${status}`);
  const code = body.error?.code ?? body.issue?.[0]?.code;
  assert.ok(code, `${what}: ${status} ${JSON.stringify(body)}`);
  assert.equal((await ask('/health', { token: null })).status, 200, what);
}

const post = (body: string | Buffer, path = '/fhir/Patient') => ask(path, { method: 'POST', body });

test('what is not JSON, or not a resource, is refused', async () => {
  const bodies: Record<string, string | Buffer> = {
    empty: '',
    brace: '{',
    junk: 'not json at all',
    'cut off': '{"resourceType":"Patient","name":[{"family":"Win',
    'trailing comma': '{"resourceType":"Patient","active":true,}',
    'single quotes': "{'resourceType':'Patient'}",
    'two documents': '{"resourceType":"Patient","active":true}{}',
    array: '[]',
    number: '1',
    null: 'null',
    string: '"Patient"',
    'no type': '{}',
    'a type that is no text': '{"resourceType":{"a":1}}',
    'another type': '{"resourceType":"Device","status":"active"}',
    'an unknown type': '{"resourceType":"Pateint"}',
    'an unknown element': '{"resourceType":"Patient","colour":"blue"}',
    'a wrong kind of value': '{"resourceType":"Patient","name":"Ann"}',
    'a key twice': '{"resourceType":"Patient","active":true,"active":false}',
    __proto__: '{"resourceType":"Patient","__proto__":{"active":true}}',
    constructor: '{"resourceType":"Patient","constructor":{"prototype":{"a":1}}}',
    'bad UTF-8': Buffer.from([...Buffer.from('{"resourceType":"Patient","id":"'), 0xc3, 0x28]),
    'overlong UTF-8': Buffer.from([0x7b, 0xc0, 0x80, 0x7d]),
    NaN: '{"resourceType":"Observation","valueInteger":NaN}',
    'absurd date': '{"resourceType":"Patient","birthDate":"99999-99-99"}',
    'absurd number': `{"resourceType":"Patient","multipleBirthInteger":1${'0'.repeat(400)}}`,
    UTF16: Buffer.from('{"resourceType":"Patient","active":true}', 'utf16le'),
  };
  for (const [what, body] of Object.entries(bodies)) await refused(post(body), what, 400, 422);
  for (const [what, body] of Object.entries(bodies)) {
    await refused(post(body, '/fhir'), `${what} as a Bundle`, 400, 422);
  }
  assert.equal(({} as { active?: boolean }).active, undefined);
});

test('100,000 levels of nesting are refused, whatever nests', async () => {
  const deep = 100_000;
  await refused(post('['.repeat(deep)), 'open brackets', 400);
  await refused(post(`${'['.repeat(deep)}${']'.repeat(deep)}`), 'brackets', 400);
  const open = '{"extension":[';
  const start = '{"resourceType":"Patient","extension":[';
  await refused(post(`${start}${open.repeat(deep)}`), 'extensions', 400);
  const whole = `${start}${open.repeat(deep)}{"url":"x"}${']}'.repeat(deep)}]}`;
  await refused(post(whole), 'sound extensions', 400);
});

test('ten megabytes of junk, of one string and of numbers are refused quickly', async () => {
  await refused(post(Buffer.alloc(10 * MIB, 'junk ')), 'junk', 400);
  await refused(post(Buffer.alloc(10 * MIB, 0xff)), 'bytes', 400);
  const long = 'x'.repeat(10 * MIB);
  await refused(post(`{"resourceType":"Patient","gender":"${long}"}`), 'one string', 422);
  await refused(post(`{"resourceType":"Patient","${long}":1}`), 'one key', 422);
  const numbers = `[${'1.50,'.repeat(2 * MIB)}1]`;
  await refused(post(numbers), 'numbers', 400, 422);
  await refused(post(`{"resourceType":"Patient","name":${numbers}}`), 'numbers as names', 422);
  await refused(post(Buffer.alloc(51 * MIB, 32)), 'over the limit', 413);
});

test('a Bundle of 100,000 entries is refused, one of many bad entries tells of the first', async () => {
  const entry =
    '{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}';
  const bundle = (type: string, entries: string[]) =>
    `{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(',')}]}`;
  const many = new Array<string>(100_000).fill(entry);
  for (const type of ['transaction', 'batch']) {
    await refused(post(bundle(type, many), '/fhir'), type, 422);
  }
  await refused(
    post(bundle('transaction', new Array(19_000).fill('{}')), '/fhir'),
    'empty',
    400,
    422,
  );
});

test('lone surrogates and NUL characters are refused or kept, never half stored', async () => {
  const family = ['\\ud800', '\\udc00x', 'a\\u0000b', '\\u0000', '\\u0001', '\\ufffe', '\u007f'];
  for (const text of family) {
    const answer = await post(`{"resourceType":"Patient","name":[{"family":"${text}"}]}`);
    assert.ok([201, 400, 422].includes(answer.status), `${text}: ${answer.status}`);
    if (answer.status !== 201) continue;
    const { id, name } = answer.body as unknown as { id: string; name: { family: string }[] };
    assert.equal(name[0]?.family, JSON.parse(`"${text}"`), text);
    const read = await ask(`/fhir/Patient/${id}`);
    assert.deepEqual(read.body, answer.body);
  }
  for (const text of ['%00', '%ED%A0%80', '%C3%28', '%u0041', '%', '%F0%9F']) {
    const { status } = await ask(`/fhir/Patient?family=${text}`);
    assert.ok([200, 400].includes(status), `${text}: ${status}`);
    const { status: exact } = await ask(`/fhir/Patient?family:exact=${text}`);
    assert.ok([200, 400].includes(exact), `${text}: ${exact}`);
    await refused(ask(`/fhir/Patient/${text}`), text, 400, 404);
    await refused(ask(`/fhir/Patient?_cursor=${text}`), text, 400);
  }
});

test('paths that climb, name nothing or are absurdly long are refused', async () => {
  const paths = [
    '/fhir/Patient/..%2f..%2fetc%2fpasswd',
    '/fhir/Patient/%2e%2e%2f',
    `/fhir/Patient/${'a'.repeat(65)}`,
    `/fhir/Patient/${'a'.repeat(5000)}`,
    '/fhir/Patient/a b',
    '/fhir/Patient/1/2/3/4',
    '/fhir/Nothing/1',
    '/fhir/__proto__/1',
    '/fhir/Patient/1/_history/x',
    '/fhir/Patient/1/_history/-1',
    '/fhir/Patient/1/_history/1e9',
    '/fhir/Patient/$nothing',
    '/nowhere',
  ];
  for (const path of paths) await refused(ask(path), path, 400, 404, 414);
  // Longer than any header may be: the HTTP parser itself refuses it, before there is a request.
  const long = await ask(`/fhir/Patient?family=${'x'.repeat(64 * 1024)}`);
  assert.equal(long.status, 431);
  const ten = await ask(`/fhir/Patient?family=${'x'.repeat(10_000)}`);
  assert.ok([200, 400].includes(ten.status));
  await refused(ask('/fhir/Patient/1', { method: 'PATCH', body: '[]' }), 'PATCH', 400, 404);
});

test('searches without bounds are refused', async () => {
  const many = Array.from({ length: 5000 }, (_, n) => `v${n}`).join(',');
  const form = (body: string) =>
    ask('/fhir/Patient/_search', {
      ...{ method: 'POST', body, type: 'application/x-www-form-urlencoded' },
    });
  await refused(form(`identifier=${many}`), '5,000 alternatives', 400);
  await refused(form('identifier=x&'.repeat(5000)), '5,000 parameters', 400);
  await refused(form(`_has:${'Observation:patient:_has:'.repeat(50)}=1`), 'deep _has', 400);
  await refused(
    form(`general-practitioner.${'organization.partof.'.repeat(50)}name=x`),
    'chain',
    400,
  );
  await refused(form('_sort='.concat('birthdate,'.repeat(1000))), 'sorts', 400);
  await refused(form('_include=Patient:nowhere'), 'include', 400);
  for (const count of ['-1', 'x', '1e3', '1.5']) {
    await refused(ask(`/fhir/Patient?_count=${count}`), `_count=${count}`, 400);
  }
  const huge = await ask('/fhir/Patient?_count=99999999999999999999');
  assert.ok([200, 400].includes(huge.status));
});

test('absurd dates, numbers and tokens in searches are refused or find nothing', async () => {
  const dates = ['99999-01-01', '2020-02-30', '0000-01-01', 'eq', 'zz2020', '2020-1-1', "'--"];
  for (const date of dates) {
    await refused(ask(`/fhir/Observation?date=${encodeURIComponent(date)}`), date, 400);
    await refused(ask(`/fhir/Patient?birthdate=${encodeURIComponent(date)}`), date, 400);
    await refused(ask(`/fhir/Patient?_lastUpdated=${encodeURIComponent(date)}`), date, 400);
  }
  const fine = [
    ...['Observation?date=0001', 'Observation?date=lt0001-01-01T00:00:00%2B14:00'],
    ...['Observation?date=gt9999-12-31T23:59:59-12:00', 'Observation?date=ap9999'],
    ...['Observation?_lastUpdated=ap9999', 'Observation?_lastUpdated=ge0001-01-01'],
    ...['Observation?value-quantity=1e308', 'Observation?value-quantity=ap-1.7e308'],
    ...['Observation?value-quantity=0.000000000000000000000000000000000001'],
    ...['Patient?birthdate=ap1850', 'Patient?birthdate=ne2150-12-31'],
    ...["Patient?family='; drop table records.resource; --", 'Patient?identifier=%25%5f'],
  ];
  for (const query of fine) {
    const { status } = await ask(`/fhir/${query}`);
    assert.ok([200, 400].includes(status), `${query}: ${status}`);
  }
  for (const number of ['1e999', 'Infinity', 'NaN', '0x10', '1,,2', '--1', '1e-999999999']) {
    const { status } = await ask(`/fhir/Observation?value-quantity=${number}`);
    assert.ok([200, 400].includes(status), `${number}: ${status}`);
  }
});

test('absurd dates and numbers in records are refused or kept and found', async () => {
  const observation = (more: string) =>
    `{"resourceType":"Observation","status":"final","code":{"text":"x"},${more}}`;
  const values = [
    ...['0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-12:00', '0001', '9999', '1582-10-10'],
  ].map((date) => `"effectiveDateTime":"${date}"`);
  const numbers = ['1e308', '-1e308', '1e400', '1e-400', '0.1e-300', '9'.repeat(1000), '-0'];
  values.push(...numbers.map((number) => `"valueQuantity":{"value":${number}}`));
  for (const value of values) {
    const { status, body } = await post(observation(value), '/fhir/Observation');
    assert.ok([201, 400, 422].includes(status), `${value}: ${status} ${JSON.stringify(body)}`);
  }
  for (const sort of ['date', '-date', 'value-quantity', '-value-quantity']) {
    assert.equal((await ask(`/fhir/Observation?_sort=${sort}&_count=2`)).status, 200);
  }
});

test('tokens that are forged, cut, expired-looking or of another make are refused', async () => {
  const [head = '', claims = '', signature = ''] = admin.token.split('.');
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
  const tokens = {
    empty: '',
    junk: 'junk',
    'no signature': `${head}.${claims}.`,
    'algorithm none': `${encoded({ alg: 'none' })}.${claims}.`,
    'longer life': `${head}.${encoded({ ...decoded, exp: decoded.exp + 1e6 })}.${signature}`,
    expired: `${head}.${encoded({ ...decoded, exp: 1 })}.${signature}`,
    'a letter changed': `${head}.${claims}.${signature.slice(0, -2)}AA`,
    'two tokens': `${admin.token} ${admin.token}`,
    long: 'a'.repeat(8000),
  };
  for (const [what, token] of Object.entries(tokens)) {
    await refused(ask('/fhir/Patient', { token }), what, 401);
  }
  await refused(ask('/fhir/Patient', { token: null }), 'no token', 401);
});

/** Bytes as they are, on a connection of its own; resolves with what came back. */
async function raw(parts: readonly (string | Buffer)[], end = true): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let told = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (!end) socket.destroy();
  });
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (end) setTimeout(() => socket.destroy(), 300).unref();
  await closed;
  return told;
}

test('connections that break off, lie about lengths or speak no HTTP harm nobody', async () => {
  const head = (more: string) =>
    `POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin.token}\r\n` +
    `Content-Type: application/fhir+json\r\n${more}\r\n\r\n`;
  const body = '{"resourceType":"Patient","active":true}';
  await raw([head('Content-Length: 1000'), body]);
  await raw([head('Content-Length: 99999999'), body]);
  const short = await raw([head('Content-Length: 10'), body]);
  assert.match(short, /^HTTP\/1\.1 400/);
  for (const length of ['-1', 'x', '1e3', '10, 20']) {
    assert.match(await raw([head(`Content-Length: ${length}`), body]), /^HTTP\/1\.1 400/, length);
  }
  const chunked = head('Transfer-Encoding: chunked');
  assert.match(await raw([chunked, 'garbage\r\n\r\n']), /^HTTP\/1\.1 400/);
  assert.match(await raw([chunked, 'ffffffffffffffffff\r\n{}\r\n0\r\n\r\n']), /^HTTP\/1\.1 4\d\d/);
  await raw([chunked, '5\r\n{"res']);
  const both = head('Transfer-Encoding: chunked\r\nContent-Length: 5');
  assert.match(await raw([both, '0\r\n\r\n']), /^HTTP\/1\.1 400/);
  assert.match(await raw(['GARBAGE\r\n\r\n']), /^HTTP\/1\.1 400/);
  assert.match(await raw([Buffer.alloc(100_000, 0)]), /^HTTP\/1\.1 400|^$/);
  const header = `GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`;
  assert.match(await raw([header]), /^HTTP\/1\.1 431/);
  const sound = await raw([head(`Content-Length: ${body.length}`), body]);
  assert.match(sound, /^HTTP\/1\.1 201/);
  assert.equal((await ask('/fhir/Patient?_summary=count')).status, 200);
});
