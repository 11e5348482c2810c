import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionSource } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import { TerminologyRefused } from './refused.ts';
import { openTerminology } from './terminology.ts';

const fhir = (name: string) => `http://hl7.org/fhir/ValueSet/${name}`;
const animals: JsonObject = {
  ...{ resourceType: 'CodeSystem', url: 'urn:animals', version: '2', content: 'complete' },
  caseSensitive: false,
  property: [
    { code: 'legs', type: 'integer' },
    { code: 'parent', type: 'code' },
  ],
  concept: [
    {
      ...{ code: 'animal', display: 'Animal' },
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        { code: 'dog', display: 'Dog', property: [{ code: 'legs', valueInteger: 4 }] },
        { code: 'bird', display: 'Bird', property: [{ code: 'legs', valueInteger: 2 }] },
        {
          ...{ code: 'dodo', display: 'Dodo' },
          property: [{ code: 'inactive', valueBoolean: true }],
        },
      ],
    },
    {
      ...{ code: 'poodle', display: 'Poodle', designation: [{ language: 'de', value: 'Pudel' }] },
      property: [{ code: 'parent', valueCode: 'dog' }],
    },
    { code: 'stone', display: 'Stone' },
  ],
};

function source(...definitions: JsonObject[]): DefinitionSource {
  return {
    find: (type, canonical) =>
      definitions.find(
        (one) =>
          one['resourceType'] === type &&
          (one['url'] === canonical || `${one['url']}|${one['version']}` === canonical),
      ),
  };
}

const zoo = openTerminology({ definitions: source(animals) });

function codes(compose: JsonObject): string[] {
  const set = zoo.compile({ resourceType: 'ValueSet', compose });
  const members = [...set.members()].map(({ code }) => code);
  for (const { code } of [...zoo.compile(all).members()]) {
    assert.equal(Boolean(set.find('urn:animals', code)), members.includes(code), code);
  }
  return members.sort();
}

const all = { resourceType: 'ValueSet', compose: { include: [{ system: 'urn:animals' }] } };
const filtered = (property: string, op: string, value: string): string[] =>
  codes({ include: [{ system: 'urn:animals', filter: [{ property, op, value }] }] });

test("R4's own value sets tell their codes, and what cannot be told here is not guessed", () => {
  const has = (name: string, system: string | undefined, code: string) =>
    zoo.codeSet(fhir(name))?.has(system, code);
  assert.equal(has('administrative-gender', undefined, 'male'), true);
  assert.equal(
    has('administrative-gender|4.0.1', 'http://hl7.org/fhir/administrative-gender', 'male'),
    true,
  );
  assert.equal(has('administrative-gender', 'urn:other', 'male'), false);
  assert.equal(has('administrative-gender', undefined, 'Male'), false);
  assert.equal(zoo.codeSet(fhir('administrative-gender|3.0.0')), undefined);
  assert.equal(zoo.codeSet('urn:nobody'), undefined);
  assert.equal(has('observation-codes', 'http://loinc.org', '8480-6'), undefined);
  assert.equal(has('observation-codes', 'urn:other', '8480-6'), false);
  assert.equal(has('c80-facilitycodes', 'http://snomed.info/sct', '82242000'), true);
  assert.equal(has('inactive', undefined, 'CRT'), true);
  const v3 = zoo.codeSet('http://terminology.hl7.org/ValueSet/v3-ActCode');
  assert.equal(v3?.has('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'AMB'), true);
});

test('codes that are a grammar are checked by it', () => {
  const has = (name: string, code: string) => zoo.codeSet(fhir(name))?.has(undefined, code);
  const cases: [string, string, boolean | undefined][] = [
    ['mimetypes', 'application/fhir+json; fhirVersion=4.0', true],
    ['mimetypes', 'text', false],
    ['all-languages', 'de-CH', true],
    ['all-languages', 'qq', false],
    ['all-languages', 'en_US', false],
    ['currencies', 'CHF', true],
    ['currencies', 'chf', false],
    ['currencies', 'QQQ', undefined],
    ['ucum-units', 'mm[Hg]', true],
    ['ucum-units', 'mmHg', false],
    ['ucum-units', 'Cel/min', undefined],
    ['timezones', 'Europe/Zurich', true],
    ['timezones', 'Europe/Nowhere', false],
  ];
  for (const [name, code, expected] of cases) assert.equal(has(name, code), expected, code);
});

test('every filter of R4 chooses its concepts, listed or asked one by one', () => {
  assert.deepEqual(filtered('concept', 'is-a', 'dog'), ['dog', 'poodle']);
  assert.deepEqual(filtered('concept', 'descendent-of', 'dog'), ['poodle']);
  assert.deepEqual(filtered('concept', 'is-not-a', 'animal'), ['stone']);
  assert.deepEqual(filtered('concept', 'generalizes', 'poodle'), ['animal', 'dog', 'poodle']);
  assert.deepEqual(filtered('legs', '=', '4'), ['dog']);
  assert.deepEqual(filtered('legs', 'in', '2,4'), ['bird', 'dog']);
  assert.deepEqual(filtered('legs', 'not-in', '2,4'), ['animal', 'dodo', 'poodle', 'stone']);
  assert.deepEqual(filtered('legs', 'exists', 'true'), ['bird', 'dog']);
  assert.deepEqual(filtered('code', 'regex', 'd.*'), ['dodo', 'dog']);
  assert.deepEqual(filtered('code', 'in', 'dog, stone'), ['dog', 'stone']);
  assert.deepEqual(filtered('child', 'exists', 'false'), ['bird', 'dodo', 'poodle', 'stone']);
  assert.deepEqual(filtered('notSelectable', '=', 'true'), ['animal']);
});

test('a filter that means nothing is refused, not empty', () => {
  const cases: [string, string, string, string][] = [
    ['concept', 'is-a', 'cat', 'code-invalid'],
    ['wings', '=', '2', 'not-supported'],
    ['legs', 'is-a', 'dog', 'not-supported'],
    ['code', 'like', 'dog', 'not-supported'],
    ['code', 'regex', '(', 'invalid'],
    ['legs', 'exists', 'perhaps', 'invalid'],
  ];
  for (const [property, op, value, fault] of cases) {
    assert.throws(
      () => filtered(property, op, value),
      (error) => error instanceof TerminologyRefused && error.fault === fault,
      `${property} ${op} ${value}`,
    );
  }
});

test('includes add up, within one all must be met, excludes and inactive ones go', () => {
  const dogs = {
    system: 'urn:animals',
    filter: [{ property: 'concept', op: 'is-a', value: 'dog' }],
  };
  const named = { system: 'urn:animals', concept: [{ code: 'POODLE', display: 'Curly' }] };
  assert.deepEqual(codes({ include: [dogs, named] }), ['dog', 'poodle']);
  assert.deepEqual(codes({ include: [dogs], exclude: [named] }), ['dog']);
  const active = { inactive: false, include: [{ system: 'urn:animals' }] };
  assert.equal(codes(active).includes('dodo'), false);
  const set = (url: string, include: JsonObject) => ({
    ...{ resourceType: 'ValueSet', url, compose: { include: [include] } },
  });
  const more = openTerminology({
    definitions: source(
      animals,
      set('urn:dogs', dogs),
      set('urn:named', named),
      set('urn:both', { valueSet: ['urn:dogs', 'urn:named'] }),
      set('urn:itself', { valueSet: ['urn:itself'] }),
      set('urn:lost', { system: 'urn:animals', valueSet: ['urn:gone'] }),
    ),
  });
  const both = [...(more.valueSet('urn:both')?.members() ?? [])].map(({ code }) => code);
  assert.deepEqual(both, ['poodle']);
  assert.equal(more.codeSet('urn:itself')?.has(undefined, 'dog'), undefined);
  assert.equal(more.codeSet('urn:lost')?.has(undefined, 'dog'), undefined);
  assert.equal(more.codeSet('urn:lost')?.has(undefined, 'cat'), false);
});

test('without a compose the expansion counts; with one of an unknown system it helps', () => {
  const expansion = {
    contains: [
      { display: 'Heading', contains: [{ system: 'urn:a', code: '1', display: 'One' }] },
      { system: 'urn:b', code: '1' },
    ],
  };
  const only = zoo.compile({ resourceType: 'ValueSet', expansion });
  assert.equal([...only.members()].length, 2);
  assert.equal(only.find('urn:c', '1'), false);
  const compose = { include: [{ system: 'urn:a' }] };
  const both = zoo.compile({ resourceType: 'ValueSet', compose, expansion });
  assert.ok(both.find('urn:a', '1'));
  assert.equal(both.find('urn:a', '2'), undefined);
});

test('a member is found by any of its words', () => {
  const found = (words: string[]) => [...zoo.compile(all).members(words)].map(({ code }) => code);
  assert.deepEqual(found(['pud']), ['poodle']);
  assert.deepEqual(found(['o', 'd']), ['dog', 'dodo', 'poodle']);
});

test('SNOMED CT value sets of their address alone are known, what they hold is not told', () => {
  const set = zoo.codeSet('http://snomed.info/sct?fhir_vs=isa/404684003');
  assert.equal(set?.has('http://snomed.info/sct', '22298006'), undefined);
  assert.equal(set?.has('http://loinc.org', '22298006'), false);
});

test('imports that multiply are refused before they run', () => {
  const chain = Array.from({ length: 31 }, (_, at) => ({
    ...{ resourceType: 'ValueSet', url: `urn:${at}` },
    compose: {
      include: [{ valueSet: [`urn:${at + 1}`] }, { valueSet: [`urn:${at + 1}`] }],
    },
  }));
  const last = { ...all, url: 'urn:31' };
  const deep = openTerminology({ definitions: source(animals, ...chain, last) });
  assert.throws(
    () => deep.valueSet('urn:0'),
    (error) => error instanceof TerminologyRefused && error.fault === 'too-costly',
  );
  const many = Array.from({ length: 900 }, () => ({ system: 'urn:animals' }));
  const none = Array.from({ length: 900 }, () => ({
    system: 'urn:none',
    concept: [{ code: 'x' }],
  }));
  const compose = { include: many.slice(0, 100), exclude: none };
  const started = process.cpuUsage().user;
  const wide = zoo.compile({ resourceType: 'ValueSet', compose });
  assert.equal([...wide.members()].length, 6);
  assert.throws(() =>
    zoo.compile({ resourceType: 'ValueSet', compose: { include: many, exclude: none } }),
  );
  assert.ok(process.cpuUsage().user - started < 1_000_000);
});
