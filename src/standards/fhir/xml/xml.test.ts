import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { population, providers } from '../../population/index.ts';
import { parseResourceJson } from '../json.ts';
import { checkStructure } from '../structure.ts';
import { parseResourceXml } from './read-xml.ts';
import { resourceXml } from './write-xml.ts';
import { XmlRefused } from './xml-refused.ts';

const namespace = 'xmlns="http://hl7.org/fhir"';

/** Keys in one order: XML has the standard's, JSON the writer's. */
function sorted(value: unknown): unknown {
  if (JSON.isRawJSON(value)) return `number ${value.rawJSON}`;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map(([key, inner]) => [key, sorted(inner)]));
}

test('a narrative that would close what is around it is shown as text', () => {
  const xmlns = 'xmlns="http://www.w3.org/1999/xhtml"';
  for (const div of [
    `<div ${xmlns}/></text><active value="true"/><text><div ${xmlns}></div>`,
    `<div ${xmlns}><p>open</div>`,
    '<div>no namespace</div>',
    `<div ${xmlns}>&nbsp;</div>`,
  ]) {
    const patient = { resourceType: 'Patient', text: { status: 'generated', div } };
    const read = parseResourceXml(resourceXml(patient));
    assert.equal(read['active'], undefined);
    assert.deepEqual(Object.keys(read), ['resourceType', 'text']);
    assert.match(JSON.stringify(read['text']), /&lt;div/);
  }
});

test('what was written as XML is read as the same resource', () => {
  const people = [...population({ seed: 7, patients: 12 })].flatMap((one) => one.resources);
  for (const resource of [...providers(7), ...people]) {
    const xml = resourceXml(resource);
    assert.deepEqual(sorted(parseResourceXml(xml)), sorted(resource), resource.resourceType);
  }
});

test('decimals, siblings of primitives, contained resources and narrative come through', () => {
  const text = JSON.stringify({
    resourceType: 'Observation',
    id: 'a',
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p class="x">5 &lt; 6 &amp; <br/>é</p></div>',
    },
    contained: [{ resourceType: 'Patient', id: 'p', active: true }],
    extension: [{ url: 'http://example.org/e', valueString: 'line\n"two"' }],
    status: 'final',
    code: { text: 'x', coding: [{ system: 'http://loinc.org', code: '1-1' }] },
    subject: { reference: '#p' },
    valueQuantity: { value: 1, unit: 'mg' },
  }).replace('"value":1,', '"value":1.00,');
  const observation = parseResourceJson(text);
  observation['_status'] = {
    id: 's',
    extension: [{ url: 'http://example.org/f', valueCode: 'c' }],
  };
  const xml = resourceXml(observation);
  assert.match(xml, /<value value="1\.00"\/>/);
  const read = parseResourceXml(xml);
  assert.deepEqual(sorted(read), sorted(observation));
  assert.deepEqual(checkStructure(read), []);
});

test('given names keep their places when only one of them has an extension', () => {
  const xml = `<Patient ${namespace}><name><given value="A"/><given><extension url="http://e.org/x"><valueCode value="u"/></extension></given><given value="C"/></name></Patient>`;
  const read = parseResourceXml(xml);
  const extension = [{ url: 'http://e.org/x', valueCode: 'u' }];
  assert.deepEqual(read['name'], [
    { given: ['A', null, 'C'], _given: [null, { extension }, null] },
  ]);
  assert.deepEqual(checkStructure(read), []);
  assert.deepEqual(sorted(parseResourceXml(resourceXml(read))), sorted(read));
});

const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const attributes = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ');
const refused: readonly (readonly [string, string, RegExp])[] = [
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]><Patient ${namespace}/>`, /DOCTYPE/],
  ['an entity of its own', `<Patient ${namespace}><id value="&a;"/></Patient>`, /well-formed/],
  ['an end that is missing', `<Patient ${namespace}><active value="true"/>`, /well-formed/],
  ['another namespace', '<Patient xmlns="urn:x"/>', /namespace/],
  ['no namespace', '<Patient/>', /namespace/],
  ['an unknown type', `<Person2 ${namespace}/>`, /resource type/],
  ['text', `<Patient ${namespace}>hello</Patient>`, /text between/],
  [
    'an element twice',
    `<Patient ${namespace}><active value="true"/><active value="true"/></Patient>`,
    /once/,
  ],
  ['a foreign attribute', `<Patient ${namespace}><active is="true"/></Patient>`, /attribute/],
  ['nothing', '', /well-formed|outermost/],
  ['deep nesting', `<Patient ${namespace}>${'<extension url="a">'.repeat(200)}`, /128 levels/],
  ['half a million elements', `<Patient ${namespace}>${'<a/>'.repeat(500_000)}`, /more elements/],
  [
    'an element of 1001 attributes',
    `<Patient ${namespace} ${attributes(1001)}/>`,
    /1000 attributes/,
  ],
  [
    'half a million attributes',
    `<Patient ${namespace}><text><div ${xhtml}>${`<i ${attributes(500)}/>`.repeat(1000)}`,
    /more elements/,
  ],
  ['UTF-16', `<?xml version="1.0" encoding="UTF-16"?><Patient ${namespace}/>`, /UTF-8/],
];

for (const [what, xml, why] of refused) {
  test(`${what} is refused, with the place and without a quotation`, () => {
    assert.throws(
      () => parseResourceXml(xml),
      (error) => error instanceof XmlRefused && why.test(error.message) && error.line >= 1,
    );
  });
}

test('bytes that are no UTF-8 are refused', () => {
  assert.throws(() => parseResourceXml(Buffer.from([0x3c, 0xff])), XmlRefused);
});

test('an element R4 does not define is kept for the structural check to name', () => {
  const read = parseResourceXml(
    `<Patient ${namespace}><colour value="red"><a/></colour></Patient>`,
  );
  assert.match(checkStructure(read)[0]?.text ?? '', /no element 'colour'/);
  const odd = parseResourceXml(`<Patient ${namespace}><constructor value="red"/></Patient>`);
  assert.notEqual(checkStructure(odd).length, 0);
});

test('whatever the text, it is read or refused', () => {
  const pieces = ['<Patient ', namespace, '>', '<name>', '</name>', '<given value="a"/>', '<', '"'];
  const more = [
    '<text><div xmlns="http://www.w3.org/1999/xhtml">',
    '</div></text>',
    '</Patient>',
    '&amp;',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces, ...more), fc.string()), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, (parts) => {
      try {
        checkStructure(parseResourceXml(parts.join('')));
      } catch (error) {
        assert.ok(error instanceof XmlRefused, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
