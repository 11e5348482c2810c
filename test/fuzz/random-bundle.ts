import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts, hostileValues } from './hostile.ts';
import { randomFhirPathPatch, randomJsonPatch } from './random-patch.ts';
import { randomQuery } from './random-query.ts';
import { allTypes, randomResource } from './random-resource.ts';

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'FROB'];

/** A transaction or batch whose entries name each other, themselves and nothing. */
export function randomBundle(random: Random, wild: number): JsonObject {
  const count = random.integer(0, 6);
  const entry = Array.from({ length: count }, (_, at) =>
    random.chance(wild / 4) ? random.pick(hostileValues) : entryOf(random, wild, at),
  );
  const type = random.chance(0.95)
    ? random.pick(['transaction', 'batch'])
    : random.pick(['collection', 'document', 'message', 'searchset', 'x', '']);
  return { resourceType: 'Bundle', type, entry };
}

const urn = (at: number) => `urn:uuid:00000000-0000-4000-8000-00000000000${at}`;

function entryOf(random: Random, wild: number, at: number): JsonObject {
  const method = random.pick(random.chance(0.6) ? ['POST', 'PUT'] : methods);
  const type = random.chance(0.5) ? 'Patient' : random.pick(allTypes);
  const resource = resourceOf(random, wild, { method, type });
  const entry: JsonObject = {
    ...(random.chance(0.7) ? { fullUrl: urn(random.chance(0.9) ? at : 0) } : {}),
    ...(method === 'GET' || method === 'DELETE' ? {} : { resource }),
    request: requestOf(random, { method, type, id: resource['id'] }),
  };
  if (random.chance(wild)) entry['response'] = { status: '200' };
  return entry;
}

type Asked = { method: string; type: string; id?: unknown };

function resourceOf(random: Random, wild: number, { method, type }: Asked): JsonObject {
  if (method === 'PATCH') {
    if (random.chance(0.5)) return randomFhirPathPatch(random);
    const data = Buffer.from(JSON.stringify(randomJsonPatch(random))).toString('base64');
    return { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
  }
  const resource = random.chance(0.03)
    ? randomBundle(random, wild)
    : randomResource(random, wild, type);
  if (method === 'PUT') resource['id'] = random.pick(['known.1', 'a', 'b', `x${random.word()}`]);
  const link = random.pick([urn(0), urn(1), urn(9), 'Patient?identifier=x', '#a', 'Patient/a']);
  if (random.chance(0.5)) {
    resource['extension'] = [{ url: urn(1), valueReference: { reference: link } }];
  }
  return resource;
}

function requestOf(random: Random, { method, type, id }: Asked): JsonObject {
  const query = random.chance(0.15) ? `?${randomQuery(random, type)}` : '';
  const named = method !== 'POST' && query === '' ? `/${String(id ?? 'known.1')}` : '';
  const request: JsonObject = { method, url: `${type}${named}${query}` };
  if (random.chance(0.05)) request['url'] = random.pick(hostileTexts);
  if (method === 'POST' && random.chance(0.15)) request['ifNoneExist'] = randomQuery(random, type);
  if (random.chance(0.1)) request['ifMatch'] = random.pick(['W/"1"', '*', '1', 'W/"x"', '']);
  if (random.chance(0.05)) request['ifNoneMatch'] = random.pick(['*', 'W/"1"', 'x']);
  return request;
}
