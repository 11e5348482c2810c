import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesClause } from './matches-clause.ts';
import { parseSearch } from './parse-query.ts';
import type { Clause } from './search-query.ts';
import { SearchRefused } from './search-refused.ts';

const parsed = (type: string, filter: string): Clause => {
  const [clause] = parseSearch(type, [['_filter', filter]], { lenient: false }).where;
  assert.ok(clause);
  return clause;
};
const refusal = (type: string, filter: string): string => {
  try {
    parsed(type, filter);
  } catch (error) {
    if (error instanceof SearchRefused) return `${error.issues[0]?.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
};
const patient = {
  ...{ resourceType: 'Patient', id: '1', gender: 'male', birthDate: '1970-05-12', active: true },
  name: [{ family: 'Carreño Quiñones', given: ['Peter', 'Ann'] }],
  identifier: [{ system: 'urn:a', value: 'X-17' }],
  maritalStatus: { coding: [{ system: 'urn:m', code: 'S' }] },
  managingOrganization: { reference: 'Organization/o1' },
};
const organization = { resourceType: 'Organization', id: 'o1', name: 'Lakeside', active: true };
const observation = {
  ...{ resourceType: 'Observation', id: 'b', status: 'final', subject: { reference: 'Patient/1' } },
  code: { coding: [{ system: 'http://loinc.org', code: '1234-5' }, { code: 'local' }] },
  effectivePeriod: { start: '2020-01-10', end: '2020-02-10' },
  valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'g' },
  component: [
    { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
    { code: { coding: [{ code: 'b' }] }, valueQuantity: { value: 2 } },
  ],
};
const everything = [patient, organization, observation];
const context = {
  resolve: (type: string, id: string) =>
    everything.find((one) => one.resourceType === type && one.id === id),
  codes: () => [{ system: 'http://loinc.org', code: '1234-5' }],
};
const holds = (resource: { resourceType: string }, filter: string): boolean =>
  matchesClause(resource, parsed(resource.resourceType, filter), context);

test('every operator of a filter means what its table says', () => {
  const found: [{ resourceType: string }, ...string[]][] = [
    [patient, 'given eq "peter"', 'given eq peter', 'given eq PETER', 'given ne peter'],
    [patient, 'name co "quiñ"', 'name co arre', 'family sw carr', 'family ew "ones"'],
    [patient, 'gender eq male', 'gender ne female', 'active eq true', 'family pr true'],
    [patient, 'address pr false', 'identifier eq urn:a|X-17', 'identifier co x-1', '_id eq 1'],
    [patient, 'id eq 1', 'id ne 2', 'birthdate ge 1970-05-12', 'birthdate po 1970'],
    [patient, 'birthdate lt 1970-05-13', 'birthdate ne 1971', 'birthdate eb 1980'],
    [observation, 'code eq http://loinc.org|1234-5', 'code ne local', 'code in urn:set'],
    [observation, 'code ss http://loinc.org|1', 'code sb http://loinc.org|1'],
    [observation, 'date po 2020-02', 'date sa 2019', 'date ap 2020', 'date gt 2020-01-15'],
    [observation, 'value-quantity eq 5000|http://unitsofmeasure.org|mg', 'value-quantity gt 4'],
    [observation, 'subject re Patient/1', 'subject eq Patient/1', 'subject ne Patient/2'],
    [observation, 'code-value-quantity eq local$5'],
  ];
  for (const [resource, ...filters] of found) {
    for (const filter of filters) assert.ok(holds(resource, filter), filter);
  }
  const not: [{ resourceType: string }, ...string[]][] = [
    [patient, 'given eq "pete"', 'family co x', 'family sw qui', 'family ew carr', 'name co "r o"'],
    [patient, 'gender ne male', 'family pr false', 'address ne x', 'id ne 1'],
    [patient, 'birthdate po 1971', 'birthdate gt 1970-05-12', 'family ne "carreno quinones"'],
    [
      observation,
      'date po 2020-03',
      'status ne final',
      'value-quantity lt 5',
      'focus ne Patient/1',
    ],
  ];
  for (const [resource, ...filters] of not) {
    for (const filter of filters) {
      assert.ok(!holds(resource, filter), filter);
    }
  }
});

test('ss asks for what the value subsumes, sb for what subsumes it', () => {
  const direction = (operator: string) => {
    const found = parsed('Observation', `code ${operator} urn:s|1`);
    return found.on === 'subsumption' && found.direction;
  };
  assert.deepEqual([direction('ss'), direction('sb')], ['below', 'above']);
});

test('and, or and not are taken from left to right, parentheses first', () => {
  const [yes, no] = ['gender eq male', 'gender eq female'];
  const table: [string, boolean][] = [
    [`${yes} or ${yes} and ${no}`, false],
    [`${yes} or (${yes} and ${no})`, true],
    [`${no} and ${yes} or ${yes}`, true],
    [`${no} and (${yes} or ${yes})`, false],
    [`not (${no})`, true],
    [`not(${no}) and not (${yes} and ${no})`, true],
    [`((${yes}))`, true],
    [`${yes} AND ${yes}`, true],
  ];
  for (const [filter, expected] of table) assert.equal(holds(patient, filter), expected, filter);
});

test('a path leads through references and brackets', () => {
  assert.ok(holds(observation, 'subject.name co "quin"'));
  assert.ok(holds(observation, 'subject:Patient.birthdate lt 1980'));
  assert.ok(holds(observation, 'subject.organization.name eq lakeside'));
  assert.ok(holds(observation, 'subject[gender eq male and active eq true].name sw carr'));
  assert.ok(!holds(observation, 'subject[gender eq female].name sw carr'));
  const pair = 'component-code-value-quantity[code eq a].value-quantity';
  const refused = refusal('Observation', `${pair} gt 0`);
  const names = /takes (\S+)\[(\S+) eq …\]\.(\S+)\./.exec(refused);
  const path = names ? `${names[1]}[${names[2]} eq a].${names[3]}` : pair;
  assert.ok(holds(observation, `${path} lt 2`));
  assert.ok(!holds(observation, `${path} gt 1`));
});

test('a filter that can not be answered is refused, by position and name, without its values', () => {
  const wrong = [
    ...['', 'given', 'given eq', 'given eq "a', 'given eq a and', '(given eq a', 'given eq a)'],
    ...['not given eq a', 'given xx a', 'nothing eq a', 'given[family eq a] eq b', 'given eq ""'],
    ...['given gt a', 'gender gt a', 'birthdate co 19', 'birthdate po x', 'family pr maybe'],
    ...['organization[name eq a', 'gender[code eq a].x eq b', 'family:exact eq a', 'name ss a'],
    ...['given eq a or', 'and', 'given eq "\\u12"', 'given eq a given eq b', '_lastUpdated co 1'],
    ...[`${'('.repeat(17)}given eq a${')'.repeat(17)}`, Array(101).fill('given eq a').join(' or ')],
    ...[`${'link.'.repeat(20)}given eq a`, 'gender ss male|x|y', 'deceased in nowhere'],
  ];
  for (const filter of wrong) assert.notEqual(refusal('Patient', filter), 'accepted', filter);
  const secret = refusal('Patient', 'birthdate eq Secretname and given eq "Secretname');
  assert.ok(!secret.includes('Secretname'), secret);
});

test('a filter of an unknown name is refused even if unknown parameters are ignored', () => {
  assert.throws(
    () => parseSearch('Patient', [['_filter', 'not (foo eq 1)']], { lenient: true }),
    SearchRefused,
  );
});

test('any text is a filter or refused, at once', () => {
  const words =
    'and or not ( ) [ ] . eq ne co pr true given name subject "a b" 2020 " \\ _id : a|b';
  const word = fc.oneof(fc.constantFrom(...words.split(' ')), fc.string({ maxLength: 5 }));
  const text = fc.array(fc.tuple(word, fc.constantFrom(' ', '')), { maxLength: 60 });
  fc.assert(
    fc.property(text, (parts) => {
      const from = process.cpuUsage();
      refusal('Observation', parts.flat().join(''));
      assert.ok(process.cpuUsage(from).user < 500_000);
    }),
    { numRuns: 1000 },
  );
});

test('the length of a filter costs no more than linear time', () => {
  const cpu = (filter: string): number => {
    const from = process.cpuUsage();
    refusal('Patient', filter);
    return process.cpuUsage(from).user;
  };
  for (const part of ['"\\', '(', 'given.', ' ', 'a[', 'x', 'not(', 'given eq "a" and ']) {
    assert.ok(cpu(part.repeat(Math.floor(60_000 / part.length))) < 500_000, part);
  }
});
