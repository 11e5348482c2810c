import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachReference, eachUri, isResourceId, parseReference } from './reference.ts';

test('each form of reference is told apart', () => {
  const forms: [string, ReturnType<typeof parseReference>][] = [
    ['Patient/1', { kind: 'relative', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { kind: 'relative', type: 'Patient', id: '1', version: '2' }],
    [
      'https://a.example/fhir/Patient/1/_history/2',
      {
        kind: 'absolute',
        url: 'https://a.example/fhir/Patient/1/_history/2',
        type: 'Patient',
        id: '1',
      },
    ],
    ['https://a.example/x', { kind: 'absolute', url: 'https://a.example/x' }],
    ['urn:uuid:1-2', { kind: 'urn', urn: 'urn:uuid:1-2' }],
    ['urn:oid:1.2.3', { kind: 'urn', urn: 'urn:oid:1.2.3' }],
    ['#org', { kind: 'fragment', id: 'org' }],
    [
      'Practitioner?identifier=http://x.example|1',
      { kind: 'conditional', type: 'Practitioner', query: 'identifier=http://x.example|1' },
    ],
  ];
  for (const [text, expected] of forms) assert.deepEqual(parseReference(text), expected, text);
});

test('what is no reference is none', () => {
  const texts = [
    '',
    '1',
    'patient/1',
    'Patient/',
    'Patient/a_b',
    'Patient/1/2',
    'Nothing/1',
    'urn:',
  ];
  const more = ['Patient/1/_history', 'Patient/1/_history/', 'Patient/1/_history/2/3', 'Foo?a=b'];
  for (const text of [...texts, ...more, 'http://', 'not a ://url']) {
    assert.equal(parseReference(text), undefined, text);
  }
});

test('a resource id is 1 to 64 letters, digits, hyphens and dots', () => {
  assert.ok(isResourceId('a-1.B') && isResourceId('x'.repeat(64)));
  for (const id of ['', 'x'.repeat(65), 'a_b', 'a b', 'a\n', 'ä']) assert.ok(!isResourceId(id), id);
});

test('every Reference is visited, in contained resources, extensions and Bundles too', () => {
  const bundle = {
    resourceType: 'Bundle',
    entry: [
      {
        resource: {
          resourceType: 'Observation',
          contained: [{ resourceType: 'Patient', managingOrganization: { reference: 'a' } }],
          extension: [{ url: 'http://x.example', valueReference: { reference: 'b' } }],
          _status: { extension: [{ url: 'http://x.example', valueReference: { reference: 'c' } }] },
          subject: { reference: 'd' },
          performer: [{ display: 'someone' }, { reference: 'e' }],
          code: { text: 'reference' },
        },
      },
    ],
  };
  const visited: string[] = [];
  eachReference(bundle, (reference, place) => {
    visited.push(`${reference.reference} ${place()}`);
    if (reference.reference === 'd') reference.reference = 'Patient/1';
  });
  const at = 'Bundle.entry[0].resource';
  assert.deepEqual(visited, [
    `a ${at}.contained[0].managingOrganization`,
    `b ${at}.extension[0].value`,
    `c ${at}.status.extension[0].value`,
    `d ${at}.subject`,
    `undefined ${at}.performer[0]`,
    `e ${at}.performer[1]`,
  ]);
  assert.equal(bundle.entry[0]?.resource.subject.reference, 'Patient/1');
});

test('links are replaced in uri, url, oid, uuid and narrative; not in canonical and text', () => {
  const link = 'urn:uuid:1';
  const resource = {
    resourceType: 'DocumentReference',
    meta: { profile: [link] },
    text: {
      status: 'generated',
      div: `<div><a href="${link}">${link}</a> <img src='${link}'/></div>`,
    },
    masterIdentifier: { system: link, value: link },
    content: [{ attachment: { url: link, title: link } }],
  };
  eachUri(resource, (uri) => (uri === link ? 'Binary/1?a&b' : undefined));
  assert.deepEqual(resource, {
    resourceType: 'DocumentReference',
    meta: { profile: [link] },
    text: {
      status: 'generated',
      div: `<div><a href="Binary/1?a&amp;b">${link}</a> <img src="Binary/1?a&amp;b"/></div>`,
    },
    masterIdentifier: { system: 'Binary/1?a&b', value: link },
    content: [{ attachment: { url: 'Binary/1?a&b', title: link } }],
  });
});

test('narrative made to be slow is not', () => {
  const div = `<div>${'<a href '.repeat(100_000)}<a ${' '.repeat(100_000)}</div>`;
  const start = performance.now();
  eachUri({ resourceType: 'Patient', text: { status: 'generated', div } }, () => 'x');
  assert.ok(performance.now() - start < 500);
});
