import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';
type Told = { method: string; path: string; type: string; body: string };
type Part = { name: string; part?: Part[]; [value: string]: unknown };
type Notification = {
  type: string;
  entry: {
    fullUrl: string;
    resource: { resourceType: string; parameter: Part[] };
    request: { method: string; url: string };
    response: { status: string };
  }[];
};

let r: TestRecords;
let call: Call;
let server: Server;
let endpoint = '';
const told: Told[] = [];

before(async () => {
  server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      told.push({ method, path: url, type: headers['content-type'] ?? '', body });
      answer.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  r.app.records.relay.start();
});
after(async () => {
  await r.close();
  server.closeAllConnections();
  server.close();
});

async function until<T>(what: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen within 12 seconds');
}

const subscription = (criteria: string, channel: object = {}, more: object = {}) => ({
  ...{ resourceType: 'Subscription', status: 'requested', reason: 'test', criteria },
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json', ...channel },
  ...more,
});
async function active(body: object): Promise<string> {
  const made = await call('POST', '/fhir/Subscription', { body });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body['status'], 'requested');
  await until(async () => {
    const read = await call('GET', `/fhir/Subscription/${made.body.id}`);
    return read.body['status'] === 'active' ? true : undefined;
  });
  return made.body.id;
}
const content = (valueCode: string) => ({
  _payload: { extension: [{ url: `${guide}/backport-payload-content`, valueCode }] },
});
const named = (parts: Part[] | undefined, name: string) => parts?.find((one) => one.name === name);
const statesOf = (reply: Reply): Part[][] => {
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.type, 'searchset');
  return (reply.body.entry ?? []).map(({ resource }) => resource['parameter'] as Part[]);
};

test('R4: a requested Subscription becomes active, a match is PUT, a deleted one is silent', async () => {
  const id = await active(subscription('Patient?gender=female'));
  const made = await call('POST', '/fhir/Patient', {
    body: { resourceType: 'Patient', gender: 'female' },
  });
  const one = await until(() => told.find(({ path }) => path === `/hook/Patient/${made.body.id}`));
  assert.equal(one.method, 'PUT');
  assert.match(one.type, /^application\/fhir\+json/);
  await call('DELETE', `/fhir/Subscription/${id}`);
});

test('a Subscription that cannot be served is refused with what is wrong', async () => {
  const refused = async (body: object) => {
    const reply = await call('POST', '/fhir/Subscription', { body });
    assert.ok([400, 422].includes(reply.status), reply.text);
    assert.equal(reply.body.resourceType, 'OperationOutcome');
  };
  await refused(subscription('Nonsense?a=b'));
  await refused(subscription('Patient?nonsense=b'));
  await refused(subscription('Patient?gender=male', { endpoint: undefined }));
  await refused(subscription('http://example.org/SubscriptionTopic/none'));
  await refused(subscription('Patient?gender=male', { type: 'nonsense' }));
});

test('backport: handshake, event notification, $status and $events as the guide shapes them', async () => {
  const criteria = `${r.baseUrl}/SubscriptionTopic/Observation`;
  const id = await active(subscription(criteria, content('full-resource')));
  const bundles = () =>
    told.filter(({ path }) => path === '/hook').map(({ body }) => JSON.parse(body) as Notification);
  const typed = (type: string) => (one: Notification) =>
    named(one.entry[0]?.resource.parameter, 'type')?.['valueCode'] === type;
  const handshake = await until(() => bundles().find(typed('handshake')));
  assert.equal(handshake.type, 'history');
  const [first] = handshake.entry;
  assert.equal(first?.resource.resourceType, 'Parameters');
  assert.match(first?.fullUrl ?? '', /^urn:uuid:/);
  assert.equal(first?.request.method, 'GET');
  assert.match(first?.request.url ?? '', new RegExp(`Subscription/${id}/\\$status$`));
  assert.match(first?.response.status ?? '', /^200/);
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'a' } };
  const made = await call('POST', '/fhir/Observation', { body: observation });
  const event = await until(() => bundles().find(typed('event-notification')));
  const state = event.entry[0]?.resource.parameter;
  assert.equal(named(state, 'events-since-subscription-start')?.['valueString'], '1');
  assert.equal(named(state, 'topic')?.['valueCanonical'], criteria);
  assert.match(JSON.stringify(named(state, 'subscription')), new RegExp(`Subscription/${id}`));
  const focus = named(named(state, 'notification-event')?.part, 'focus');
  assert.match(JSON.stringify(focus), new RegExp(`Observation/${made.body.id}`));
  assert.equal(event.entry[1]?.resource.resourceType, 'Observation');

  const [one] = statesOf(await call('GET', `/fhir/Subscription/${id}/$status`));
  assert.equal(named(one, 'status')?.['valueCode'], 'active');
  assert.equal(named(one, 'type')?.['valueCode'], 'query-status');
  assert.equal(statesOf(await call('GET', `/fhir/Subscription/$status?id=${id}`)).length, 1);
  assert.equal(statesOf(await call('GET', '/fhir/Subscription/$status')).length, 1);
  assert.equal(statesOf(await call('GET', '/fhir/Subscription/$status?status=off')).length, 0);
  const body = { resourceType: 'Parameters', parameter: [{ name: 'id', valueId: id }] };
  assert.equal(statesOf(await call('POST', '/fhir/Subscription/$status', { body })).length, 1);
  const events = await call(
    'GET',
    `/fhir/Subscription/${id}/$events?eventsSinceNumber=1&content=id-only`,
  );
  assert.equal(events.status, 200, events.text);
  assert.equal(events.body.type, 'history');
  assert.ok(typed('query-event')(events.body as unknown as Notification));
  assert.equal((await call('GET', '/fhir/Subscription/none/$status')).status, 404);
  assert.equal(
    (await call('GET', `/fhir/Subscription/${id}/$events?eventsSinceNumber=x`)).status,
    400,
  );
});
