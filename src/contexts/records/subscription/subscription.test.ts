import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import {
  type Answer,
  type Asker,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

type Request = { method: string; path: string; body: string; authorization: string | undefined };

let r: TestRecords;
let doctor: Asker;
let admin: Asker;
let tenant: number;
let server: Server;
let endpoint: string;
let received: Request[] = [];
let answerWith = 200;

before(async () => {
  server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { authorization } = request.headers;
      received.push({ method: request.method ?? '', path: request.url ?? '', body, authorization });
      answer.writeHead(answerWith).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  [doctor, admin] = await Promise.all([r.asker(tenant, 'doctor'), r.asker(tenant, 'admin')]);
  r.app.records.relay.start();
});
after(async () => {
  await r.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  received = [];
  answerWith = 200;
});

/** Waits until it holds: notifications leave some 10 ms after their cause. */
async function until<T>(what: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen within 12 seconds');
}

type Wanted = {
  criteria: string;
  payload?: string;
  content?: string;
  filter?: string;
  more?: object;
};

function subscription({ criteria, payload, content, filter, more = {} }: Wanted) {
  const extension = (name: string, value: object) => ({
    extension: [{ url: `${guide}/${name}`, ...value }],
  });
  return {
    ...{ resourceType: 'Subscription', status: 'requested', reason: 'test', criteria },
    ...(filter === undefined
      ? {}
      : { _criteria: extension('backport-filter-criteria', { valueString: filter }) }),
    channel: {
      ...{ type: 'rest-hook', endpoint, header: ['Authorization: Bearer theirs'] },
      ...(payload === undefined ? {} : { payload }),
      ...(content === undefined
        ? {}
        : { _payload: extension('backport-payload-content', { valueCode: content }) }),
      ...more,
    },
  };
}

async function subscribed(asker: Asker, wanted: Wanted): Promise<string> {
  const made = await asker.post('/fhir/Subscription', subscription(wanted));
  assert.equal(made.status, 201, made.text);
  await until(async () => {
    const { body } = await admin.get(`/fhir/Subscription/${made.body.id}`);
    return body['status'] === 'active' ? true : undefined;
  });
  return made.body.id;
}

async function end(id: string): Promise<void> {
  await admin.remove(`/fhir/Subscription/${id}`);
}

const patient = (family: string) => ({ resourceType: 'Patient', name: [{ family }] });
const topic = () => `${r.baseUrl}/SubscriptionTopic/Patient`;

test('a search with a payload: each match is PUT below the endpoint, others are not', async () => {
  const id = await subscribed(admin, {
    criteria: 'Patient?family=adler',
    payload: 'application/fhir+json',
  });
  await doctor.post('/fhir/Patient', patient('Baum'));
  const made = await doctor.post('/fhir/Patient', patient('Adler'));
  const one = await until(() => received[0]);
  assert.equal(one.method, 'PUT');
  assert.equal(one.path, `/hook/Patient/${made.body.id}`);
  assert.equal(one.authorization, 'Bearer theirs');
  assert.equal(JSON.parse(one.body).name[0].family, 'Adler');
  await end(id);
  assert.equal(received.length, 1);
});

test('a search without a payload: an empty POST, also when an update makes it match', async () => {
  const id = await subscribed(admin, { criteria: 'Patient?family=cedar' });
  const made = await doctor.post('/fhir/Patient', patient('Birch'));
  await doctor.put(`/fhir/Patient/${made.body.id}`, { ...patient('Cedar'), id: made.body.id });
  const one = await until(() => received[0]);
  assert.deepEqual([one.method, one.path, one.body], ['POST', '/hook', '']);
  await end(id);
});

test('a topic: handshake first, then numbered events with the record, deletions too', async () => {
  const id = await subscribed(admin, {
    ...{ criteria: topic(), payload: 'application/fhir+json', content: 'full-resource' },
  });
  const handshake = JSON.parse((await until(() => received[0])).body);
  assert.equal(stateOf(handshake)['type'], 'handshake');
  assert.equal(handshake.type, 'history');
  const made = await doctor.post('/fhir/Patient', patient('Dorn'));
  await until(() => received[1]);
  await admin.remove(`/fhir/Patient/${made.body.id}`);
  const bodies = await until(() => {
    const all = received.slice(1).map(({ body }) => JSON.parse(body));
    return numbersIn(all).length >= 2 ? all : undefined;
  });
  assert.deepEqual(numbersIn(bodies), ['1', '2']);
  const entries = bodies.flatMap((bundle) => bundle.entry.slice(1));
  assert.equal(entries[0].resource.name[0].family, 'Dorn');
  assert.equal(entries[1].request.method, 'DELETE');
  assert.equal(entries[1].resource, undefined);
  await end(id);
});

test('id-only says which record, never what it holds; a filter leaves the others out', async () => {
  const id = await subscribed(admin, {
    ...{ criteria: topic(), payload: 'application/fhir+json', content: 'id-only' },
    filter: 'Patient?family=elm',
  });
  await doctor.post('/fhir/Patient', patient('Fir'));
  const made = await doctor.post('/fhir/Patient', patient('Elm'));
  const { body } = await until(() => received[1]);
  assert.ok(body.includes(made.body.id));
  assert.ok(!body.includes('Elm'));
  assert.deepEqual(numbersIn([JSON.parse(body)]), ['1']);
  await end(id);
});

test('a receiver that fails is told again, in order, and what it missed can be asked for', async () => {
  const id = await subscribed(admin, { criteria: topic(), payload: 'application/fhir+json' });
  await until(() => received[0]);
  answerWith = 503;
  const first = await doctor.post('/fhir/Patient', patient('Gorse'));
  await until(() => received[1]);
  const state = await admin.get(`/fhir/Subscription/${id}/$status`);
  assert.equal(parameters(state.body.entry?.[0]?.resource)['events-since-subscription-start'], '1');
  assert.match(state.text, /answered-503/);
  answerWith = 200;
  const second = await doctor.post('/fhir/Patient', patient('Hazel'));
  const all = await until(() => {
    const numbers = numbersIn(received.slice(2).map(({ body }) => JSON.parse(body)));
    return numbers.includes('2') ? numbers : undefined;
  });
  assert.deepEqual(all, ['1', '2']);
  const again = await admin.get(
    `/fhir/Subscription/${id}/$events?eventsSinceNumber=1&content=full-resource`,
  );
  assert.ok(again.text.includes(first.body.id) && again.text.includes('Hazel'));
  const late = await admin.get(`/fhir/Subscription/${id}/$events?eventsSinceNumber=2`);
  assert.ok(!late.text.includes(first.body.id) && late.text.includes(second.body.id));
  await end(id);
});

test('a failed handshake ends it with the reason; a new request begins it again', async () => {
  answerWith = 404;
  const made = await admin.post('/fhir/Subscription', subscription({ criteria: topic() }));
  const { id } = made.body;
  const ended = await until(async () => {
    const one = await admin.get(`/fhir/Subscription/${id}`);
    return one.body['status'] === 'error' ? one : undefined;
  });
  assert.match(String(ended.body['error']), /handshake failed/i);
  answerWith = 200;
  await admin.put(`/fhir/Subscription/${id}`, { ...subscription({ criteria: topic() }), id });
  await until(async () => {
    const one = await admin.get(`/fhir/Subscription/${id}`);
    return one.body['status'] === 'active' && one.body['error'] === undefined ? true : undefined;
  });
  await end(id);
});

test('another tenant hears nothing, and may not ask for events', async () => {
  const id = await subscribed(admin, { criteria: topic(), payload: 'application/fhir+json' });
  await until(() => received[0]);
  const elsewhere = await r.asker(await r.newTenant('Hillside Clinic'), 'admin');
  await elsewhere.post('/fhir/Patient', patient('Ilex'));
  assert.equal((await elsewhere.get(`/fhir/Subscription/${id}/$events`)).status, 404);
  await doctor.post('/fhir/Patient', patient('Juniper'));
  await until(() => received[1]);
  assert.equal(numbersIn(received.slice(1).map(({ body }) => JSON.parse(body))).length, 1);
  await end(id);
});

const refused: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown type', { criteria: 'Person2?x=y' }, /Type\?parameters/],
  ['an unknown parameter', { criteria: 'Patient?colour=blue' }, /colour|parameter/],
  ['a chain', { criteria: 'Observation?patient.name=x' }, /changed record alone/],
  ['an include', { criteria: 'Observation?_include=Observation:patient' }, /shapes an answer/],
  ['another channel', { criteria: 'Patient?', channel: { type: 'email' } }, /rest-hook/],
  ['no address', { criteria: 'Patient?', channel: { type: 'rest-hook' } }, /endpoint/],
  [
    'an unknown payload',
    {
      criteria: 'Patient?',
      channel: { type: 'rest-hook', endpoint: 'https://e.org', payload: 'text/plain' },
    },
    /payload/,
  ],
  [
    'too many headers',
    {
      criteria: 'Patient?',
      channel: {
        ...{ type: 'rest-hook', endpoint: 'https://e.org' },
        header: Array.from({ length: 51 }, (_, n) => `X-${n}: x`),
      },
    },
    /At most 50/,
  ],
  [
    'a header of HTTP',
    {
      criteria: 'Patient?',
      channel: { type: 'rest-hook', endpoint: 'https://e.org', header: ['Host: x'] },
    },
    /header/,
  ],
];

for (const [what, parts, why] of refused) {
  test(`${what} is refused when it is written`, async () => {
    const whole = { ...subscription({ criteria: 'Patient' }), ...parts };
    const answer: Answer = await admin.post('/fhir/Subscription', whole);
    assert.equal(answer.status, 422, answer.text);
    assert.match(answer.text, why);
  });
}

function parameters(resource: unknown): Record<string, unknown> {
  const { parameter } = resource as { parameter: { name: string }[] };
  return Object.fromEntries(parameter.map(({ name, ...value }) => [name, Object.values(value)[0]]));
}

function stateOf(bundle: { entry: { resource: unknown }[] }): Record<string, unknown> {
  return parameters(bundle.entry[0]?.resource);
}

type Part = { name: string; valueString?: string };

function numbersIn(
  bundles: { entry: { resource: { parameter: { name: string; part?: Part[] }[] } }[] }[],
): string[] {
  const events = bundles.flatMap((one) => one.entry[0]?.resource.parameter ?? []);
  return events
    .filter(({ name }) => name === 'notification-event')
    .flatMap(({ part = [] }) => part.filter(({ name }) => name === 'event-number'))
    .map(({ valueString = '' }) => valueString);
}
