import { resourceXml } from '../../src/standards/fhir/xml/write-xml.ts';
import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts } from './hostile.ts';
import { randomBundle } from './random-bundle.ts';
import { randomFhirPathPatch, randomJsonPatch } from './random-patch.ts';
import { randomQuery } from './random-query.ts';
import { allTypes, randomResource } from './random-resource.ts';
import { brokenText } from './random-text.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
export type FuzzRequest = {
  method: Method;
  url: string;
  headers: Record<string, string>;
  body?: string | Buffer;
};

const json = 'application/fhir+json';
const forms = 'application/x-www-form-urlencoded';

/** A request to the FHIR face, of any interaction; most are nearly right. */
export function randomRequest(random: Random): FuzzRequest {
  const request = random.pick(kinds)(random);
  const headers = { ...request.headers, ...headersOf(random) };
  if (request.body === undefined || random.chance(0.9)) return { ...request, headers };
  return { ...request, headers, body: brokenText(random, String(request.body)) };
}

const wildness = (random: Random) => random.pick([0, 0, 0.002, 0.02, 0.2]);
const typeOf = (random: Random) => (random.chance(0.4) ? 'Patient' : random.pick(allTypes));
const idOf = (random: Random) => random.pick(['known.1', 'a', 'b', 'x1', `x${random.word()}`]);

const kinds: readonly ((random: Random) => FuzzRequest)[] = [
  create,
  create,
  update,
  search,
  search,
  search,
  searchByForm,
  patch,
  patch,
  bundle,
  bundle,
  conditional,
  operation,
  operation,
  look,
];

function create(random: Random): FuzzRequest {
  const type = typeOf(random);
  return written('POST', `/fhir/${type}`, randomResource(random, wildness(random), type), random);
}

function update(random: Random): FuzzRequest {
  const [type, id] = [typeOf(random), idOf(random)];
  const resource = { ...randomResource(random, wildness(random), type), id };
  return written('PUT', `/fhir/${type}/${id}`, resource, random);
}

function written(method: Method, url: string, body: object, random: Random): FuzzRequest {
  if (random.chance(0.1)) {
    const xml = resourceXml({ ...body });
    return { method, url, headers: { 'content-type': 'application/fhir+xml' }, body: xml };
  }
  return { method, url, headers: { 'content-type': json }, body: JSON.stringify(body) };
}

function search(random: Random): FuzzRequest {
  const type = typeOf(random);
  const place = random.pick([type, type, type, '', `Patient/known.1/${type}`, 'Patient/known.1/*']);
  const query = randomQuery(random, type);
  return { method: 'GET', url: `/fhir${place && '/'}${place}?${query}`, headers: {} };
}

function searchByForm(random: Random): FuzzRequest {
  const type = typeOf(random);
  const url = `/fhir/${type}/_search`;
  return {
    ...{ method: 'POST', url, headers: { 'content-type': forms } },
    body: randomQuery(random, type),
  };
}

function patch(random: Random): FuzzRequest {
  const url = `/fhir/Patient/${random.chance(0.7) ? 'known.1' : idOf(random)}`;
  if (random.chance(0.5)) return written('PATCH', url, randomFhirPathPatch(random), random);
  const headers = { 'content-type': 'application/json-patch+json' };
  return { method: 'PATCH', url, headers, body: JSON.stringify(randomJsonPatch(random)) };
}

function bundle(random: Random): FuzzRequest {
  return written('POST', '/fhir', randomBundle(random, wildness(random)), random);
}

function conditional(random: Random): FuzzRequest {
  const type = typeOf(random);
  const url = `/fhir/${type}?${randomQuery(random, type)}`;
  const method = random.pick<Method>(['PUT', 'DELETE', 'PATCH', 'POST']);
  if (method === 'DELETE') return { method, url, headers: {} };
  return written(method, url, randomResource(random, wildness(random), type), random);
}

const anywhere = [
  '$x',
  '$validate',
  '$meta',
  '_history',
  '_history/1',
  '_history/x',
  '$everything',
];
/** Where each operation is, as the CapabilityStatement says. */
const paths: readonly string[] = [
  ...['ValueSet/$expand', 'ValueSet/$validate-code', 'ValueSet/x1/$expand', 'CodeSystem/$lookup'],
  ...['CodeSystem/$subsumes', 'CodeSystem/$validate-code', 'CodeSystem/x1/$lookup'],
  ...['ConceptMap/$translate', 'ConceptMap/x1/$translate', 'Observation/$lastn', 'Patient/$match'],
  ...['Patient/known.1/$everything', 'Encounter/x1/$everything', 'Patient/$export', '$export'],
  ...['Group/x1/$export', '$import', 'SearchParameter/$reindex', 'Subscription/$status'],
  ...['Subscription/x1/$events', 'Patient/known.1/$meta', 'Patient/known.1/$meta-add', '$meta'],
  ...['Patient/known.1/$meta-delete', 'Patient/$meta', 'Patient/$validate', 'Bundle/$validate'],
  ...['StructureDefinition/$validate', 'Questionnaire/$validate', 'Patient/known.1/$validate'],
];

function operation(random: Random): FuzzRequest {
  const type = typeOf(random);
  const place = random.pick(['', `/${type}`, `/${type}/${idOf(random)}`]);
  const path = random.chance(0.8) ? `/${random.pick(paths)}` : `${place}/${random.pick(anywhere)}`;
  const named = /^\/(?:[A-Z]\w+)/.exec(path)?.[0].slice(1) ?? type;
  const query = random.chance(0.5) ? `?${operationQuery(random, named)}` : '';
  const url = `/fhir${path}${query}`;
  if (random.chance(0.4)) return { method: 'GET', url, headers: {} };
  const own = random.chance(0.7) ? named : type;
  const body = random.chance(0.5) ? parameters(random) : randomResource(random, 0.01, own);
  return written('POST', url, body, random);
}

const names = ['url', 'code', 'system', 'filter', 'count', 'offset', 'resource', 'mode', 'profile'];
const more = ['codeA', 'codeB', 'coding', 'valueSet', 'max', '_since', 'start', 'end', 'source'];
const texts = [
  ...[
    'http://hl7.org/fhir/ValueSet/administrative-gender',
    'http://hl7.org/fhir/ValueSet/languages',
  ],
  ...[
    'http://hl7.org/fhir/administrative-gender',
    'male',
    'http://snomed.info/sct',
    'en',
    '3',
    '2024',
  ],
];

function operationQuery(random: Random, type: string): string {
  if (random.chance(0.2)) return randomQuery(random, type);
  const one = () => {
    const value = random.pick(random.chance(0.3) ? hostileTexts : texts);
    return `${random.pick([...names, ...more])}=${encodeURIComponent(value.toWellFormed())}`;
  };
  return Array.from({ length: random.integer(1, 4) }, one).join('&');
}

function parameters(random: Random): object {
  const one = () => {
    const name = random.pick([...names, ...more]);
    if (random.chance(0.3)) {
      return { name: random.pick(['resource', name]), resource: randomResource(random, 0.01) };
    }
    if (random.chance(0.2)) return { name, valueCoding: { system: 'urn:x', code: 'y' } };
    return { name, valueString: random.pick(random.chance(0.3) ? hostileTexts : texts) };
  };
  return {
    resourceType: 'Parameters',
    parameter: Array.from({ length: random.integer(1, 4) }, one),
  };
}

function look(random: Random): FuzzRequest {
  const [type, id] = [typeOf(random), idOf(random)];
  // known.1 stays: patches and searches ask for it.
  const method = id === 'known.1' ? 'GET' : random.pick<Method>(['GET', 'GET', 'DELETE']);
  const tail = random.pick(['', '', '/_history', '/_history/1', '/_history/99', '?_summary=text']);
  return { method, url: `/fhir/${type}/${id}${method === 'GET' ? tail : ''}`, headers: {} };
}

const headerValues: Readonly<Record<string, readonly string[]>> = {
  prefer: [
    'return=minimal',
    'return=representation',
    'handling=lenient',
    'return="x',
    ',,;=',
    'x'.repeat(2000),
  ],
  accept: [json, 'application/fhir+xml', 'text/turtle', '*/*;q=x', 'application/fhir+json;q=1,,;'],
  'if-match': ['W/"1"', '"1"', '*', 'W/"999999999999999999999"', 'x', ''],
  'if-none-match': ['*', 'W/"1"', 'x'],
  'if-modified-since': ['Sat, 01 Jan 2000 00:00:00 GMT', 'x', '2024-13-45'],
  'if-none-exist': ['identifier=x', '', '_id=known.1', '&&&', 'x:y.z=1'],
  'idempotency-key': ['k1', 'k2', '', 'x'.repeat(300), 'a b', '%00'],
  'content-type': [
    json,
    'application/xml',
    'text/plain',
    'application/json; charset=utf-16',
    forms,
    '',
  ],
  'x-purpose-of-use': ['TREAT', 'ETREAT', 'FROB'],
};

function headersOf(random: Random): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, values] of Object.entries(headerValues)) {
    if (random.chance(name === 'content-type' ? 0.01 : 0.04)) found[name] = random.pick(values);
  }
  return found;
}
