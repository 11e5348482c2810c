import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json-object.ts';
import { errors, narrative, observation, patient, warnings } from './validate-case.ts';

const uuid = (number: number) =>
  `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function bundle(type: string, entry: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { resourceType: 'Bundle', type, ...more, entry };
}

const post = { method: 'POST', url: 'Patient' };
const about = (reference: string) => observation({ subject: { reference } });

test('a transaction’s urn: references lead to its entries, and to the right type', () => {
  const entries = (reference: string) =>
    bundle('transaction', [
      { fullUrl: uuid(1), resource: patient({}), request: post },
      { fullUrl: uuid(2), resource: about(reference), request: post },
    ]);
  assert.deepEqual(errors(entries(uuid(1))), []);
  assert.deepEqual(errors(entries(uuid(3))), ['not-found Bundle.entry[1].resource.subject']);
  assert.deepEqual(errors(entries(uuid(2))), ['structure Bundle.entry[1].resource.subject']);
});

test('entries have a request, a response, a search where their Bundle’s type asks for it', () => {
  const resource = patient({ id: 'a' });
  const at = ['invariant Bundle.entry[0]'];
  assert.deepEqual(errors(bundle('transaction', [{ resource }])), at);
  assert.deepEqual(errors(bundle('collection', [{ resource, request: post }])), at);
  assert.deepEqual(errors(bundle('batch-response', [{ resource }])), at);
  assert.deepEqual(errors(bundle('collection', [{ resource, search: { mode: 'match' } }])), at);
  assert.deepEqual(errors(bundle('collection', [{}])), [...at]);
  assert.deepEqual(errors(bundle('collection', [{ resource }], { total: 1 })), [
    'invariant Bundle',
  ]);
});

test('a fullUrl is absolute, unique, without version, and ends in the id', () => {
  const one = (fullUrl: string) => ({ fullUrl, resource: patient({ id: 'a' }) });
  const at = (code: string, entry = 0) => [`${code} Bundle.entry[${entry}]`];
  const url = 'http://x.example/Patient/a';
  assert.deepEqual(errors(bundle('collection', [one(url)])), []);
  assert.deepEqual(errors(bundle('collection', [one('Patient/a')])), at('invalid'));
  assert.deepEqual(
    errors(bundle('collection', [one('http://x.example/Patient/b')])),
    at('invalid'),
  );
  assert.deepEqual(errors(bundle('collection', [one(`${url}/_history/1`)])), at('invariant'));
  assert.deepEqual(errors(bundle('collection', [one(url), one(url)])), at('invariant', 1));
});

test('a searchset’s matches are what was searched, and have ids', () => {
  const link = [{ relation: 'self', url: 'http://x.example/Patient?name=a' }];
  const entries = (resource: JsonObject, mode: string) =>
    errors(bundle('searchset', [{ resource, search: { mode } }], { link }));
  assert.deepEqual(entries(patient({ id: 'a' }), 'match'), []);
  assert.deepEqual(entries(patient({}), 'match'), ['invalid Bundle.entry[0]']);
  assert.deepEqual(entries(observation({ id: 'a' }), 'match'), ['invalid Bundle.entry[0]']);
  assert.deepEqual(entries(observation({ id: 'a' }), 'include'), []);
  assert.deepEqual(entries(observation({ id: 'a' }), 'outcome'), ['invalid Bundle.entry[0]']);
  const twice = bundle('searchset', [], { link: [...link, ...link], entry: undefined });
  assert.deepEqual(errors(twice).slice(-1), ['invalid Bundle']);
});

function document(references: readonly string[]): JsonObject {
  const composition = {
    resourceType: 'Composition',
    text: narrative,
    status: 'final',
    type: { text: 'x' },
    date: '2024-01-01',
    author: [{ display: 'x' }],
    title: 'x',
    section: [{ title: 'x', entry: references.map((reference) => ({ reference })) }],
  };
  const entry = [
    { fullUrl: 'http://x.example/Composition/c', resource: { ...composition, id: 'c' } },
    { fullUrl: 'http://x.example/Observation/o', resource: observation({ id: 'o' }) },
  ];
  const identifier = { system: 'urn:ietf:rfc:3986', value: uuid(9) };
  return bundle('document', entry, { identifier, timestamp: '2024-01-01T00:00:00Z' });
}

test('a document begins with its Composition and holds what that refers to', () => {
  assert.deepEqual(errors(document(['Observation/o', 'http://x.example/Observation/o'])), []);
  assert.deepEqual(errors(document(['Observation/p'])), ['invalid Bundle.entry[0]']);
  assert.deepEqual(errors(bundle('document', [{ resource: patient({}) }])), [
    'invariant Bundle',
    'invariant Bundle',
    'invariant Bundle',
  ]);
  const message = bundle('message', [{ resource: patient({}) }]);
  assert.deepEqual(errors(message), ['invariant Bundle']);
});

test('contained resources have ids, are referred to, and contain none', () => {
  const holding = (contained: readonly JsonObject[], elements: JsonObject = {}) =>
    errors(observation({ contained, subject: { reference: '#p' }, ...elements }));
  const p = { resourceType: 'Patient', id: 'p' };
  const at = 'Observation.contained[0]';
  assert.deepEqual(holding([p]), []);
  assert.deepEqual(holding([p, { ...p, id: 'q' }]), ['invariant Observation.contained[1]']);
  const back = { resourceType: 'Basic', id: 'b', code: { text: 'x' }, subject: { reference: '#' } };
  assert.deepEqual(holding([p, back]), []);
  assert.deepEqual(holding([{ ...p, meta: { versionId: '1' } }]), [`invariant ${at}`]);
  assert.deepEqual(holding([{ ...p, meta: { security: [{ code: 'R' }] } }]), [`invariant ${at}`]);
  assert.deepEqual(holding([{ ...p, contained: [{ ...p }] }]).slice(0, 1), [`invariant ${at}`]);
  const { id: _, ...nameless } = p;
  assert.deepEqual(holding([nameless]), [`required ${at}`, 'invariant Observation.subject']);
  assert.deepEqual(holding([{ ...p, resourceType: 'Practitioner' }]), [
    'structure Observation.subject',
  ]);
  assert.deepEqual(holding([p, p]), [
    'duplicate Observation',
    'invariant Observation.contained[1]',
  ]);
});

test('ten thousand entries that refer to each other take less than two seconds', () => {
  const entry = Array.from({ length: 10_000 }, (_, at) => ({
    fullUrl: uuid(at),
    resource: at === 0 ? patient({}) : about(uuid(0)),
    request: post,
  }));
  const before = process.cpuUsage();
  assert.deepEqual(errors(bundle('transaction', entry)), []);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 2_000_000, `${user} µs`);
  assert.deepEqual(warnings(bundle('transaction', entry)), []);
});
