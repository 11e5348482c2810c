import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerCodes } from './answer-codes.ts';
import { matchesClause } from './matches-clause.ts';
import { parseSearch } from './parse-query.ts';
import type { Clause } from './search-query.ts';
import { SearchRefused } from './search-refused.ts';

type Resource = { resourceType: string; id?: string } & Record<string, unknown>;
const clause = (type: string, query: string): Clause => {
  const at = query.indexOf('=');
  const pair: [string, string] = [query.slice(0, at), query.slice(at + 1)];
  const [found] = parseSearch(type, [pair], { lenient: false, own: 'http://own.test/fhir' }).where;
  assert.ok(found);
  return found;
};
const finds = (resource: Resource, query: string): boolean =>
  matchesClause(resource, clause(resource.resourceType, query), { own: 'http://own.test/fhir' });
/** Each query with whether it finds the resource. */
const check = (resource: Resource, found: string[], not: string[]): void => {
  for (const query of found) assert.ok(finds(resource, query), `${query} finds nothing`);
  for (const query of not) assert.ok(!finds(resource, query), `${query} finds it`);
};
const refused = (type: string, ...queries: string[]): void => {
  for (const query of queries) assert.throws(() => clause(type, query), SearchRefused, query);
};

test('strings are found by any part, exactly, or by their words', () => {
  const long = 'Wolfeschlegelsteinhausenbergerdorff und so weiter';
  const patient = {
    resourceType: 'Patient',
    name: [{ family: long, given: ['Zoë', "D'Arcy"] }],
    address: [{ text: '12 Rue de l’Église, Montréal' }],
  };
  check(
    patient,
    [
      ...['name:contains=steinhausen', 'name:contains=OË', 'address:contains=eglise, mont'],
      ...['family=wolfeschlegelsteinhausenbergerdorff u', `family=${long}`, `family:exact=${long}`],
      ...['given:contains=darcy', 'address:text=montreal rue', 'address:text=rue AND NOT paris'],
      ...['address:text="de leglise"', 'address:text=mont*', 'address:text=paris OR (rue de)'],
      ...['name:contains=x,zo', 'given:contains=z'],
    ],
    [
      ...['name:contains=steinhauser', 'family=wolfeschlegelsteinhausenbergerdorff v'],
      ...['family:exact=wolfeschlegelsteinhausenbergerdorff und so weiter', 'address:text=mont'],
      ...['address:text="rue leglise"', 'address:text=rue paris', 'name:contains=zöe zoe'],
    ],
  );
  refused(
    'Patient',
    'name:contains=--',
    'name:text=',
    'name:text=AND',
    'name:text=(a',
    'name:text=a)',
  );
  refused('Patient', `name:text=${'a '.repeat(33)}`, `name:text=${'NOT '.repeat(9)}a`);
});

test('a part of a string is looked for by its trigrams where they are indexed', () => {
  const found = clause('Patient', 'name:contains=Müll');
  const value = { text: 'mull', at: 'anywhere', trigrams: ['mul', 'ull'] };
  assert.deepEqual(found.on === 'substring' && found.values, [value]);
  const note = clause('Observation', 'value-string:contains=abcd');
  assert.deepEqual(note.on === 'substring' && note.values[0]?.trigrams, []);
  const start = clause('Patient', `family=${'ab '.repeat(11)}x`);
  const [first] = start.on === 'substring' ? start.values : [];
  assert.deepEqual([first?.at, first?.prefix], ['word', 'ab '.repeat(11).slice(0, 32)]);
});

test('the text of a token or a reference is found by its beginning', () => {
  const coding = [{ system: 'urn:a', code: 'x', display: 'Severe Headache' }];
  const condition = {
    resourceType: 'Condition',
    code: { coding, text: 'Migraine, acute' },
    subject: { reference: 'Patient/1', display: 'Peter Chalmers' },
    identifier: [{ type: { text: 'Accession Number' }, value: '1' }],
  };
  check(
    condition,
    [
      ...['code:text=migraine', 'code:text=SEVERE head', 'code:text=x,migraine acute'],
      ...['subject:text=peter', 'patient:text=Peter C', 'identifier:text=accession'],
    ],
    ['code:text=headache', 'code:text=x', 'subject:text=chalmers', 'identifier:text=1'],
  );
});

test('codes of a value set or a hierarchy are the terminology’s to tell', () => {
  assert.deepEqual(clause('Condition', 'code:in=http://v.test/a,ValueSet/b'), {
    ...{ on: 'value-set', name: 'code:in', params: ['code'], not: false },
    values: [{ canonical: 'http://v.test/a' }, { id: 'b' }],
  });
  assert.deepEqual(clause('Condition', 'code:below=http://s|1'), {
    ...{ on: 'subsumption', name: 'code:below', params: ['code'], direction: 'below' },
    values: [{ system: 'http://s', code: '1' }],
  });
  const gender = 'http://hl7.org/fhir/administrative-gender';
  const plain = clause('Patient', 'gender:above=male');
  assert.deepEqual('values' in plain && plain.values, [{ system: gender, code: 'male' }]);
  const set = clause('Patient', 'gender:not-in=http://v.test/a');
  assert.ok(set.on === 'value-set');
  const codes = [
    { system: gender, code: 'male' },
    { system: 'urn:other', code: 'other' },
  ];
  assert.deepEqual(answerCodes('Patient', set, codes), {
    ...{ on: 'token', name: 'gender:not-in', params: ['gender'], modifier: 'not' },
    values: [{ code: 'male' }],
  });
  const male = { resourceType: 'Patient', gender: 'male' };
  assert.ok(!matchesClause(male, set, { codes: () => codes }));
  assert.ok(matchesClause({ resourceType: 'Patient' }, set, { codes: () => codes }));
  refused('Condition', 'code:in=somewhere', 'code:below=1', 'code:below=|1', 'code:above=s|');
});

test('addresses have what is above and below them, canonicals their versions', () => {
  const set = { resourceType: 'ValueSet', url: 'http://acme.test/fhir/ValueSet/a', version: '1.2' };
  check(
    set,
    [
      ...[
        'url:below=http://acme.test/fhir',
        'url:below=http://acme.test/fhir/',
        'url:below=http://acme.test',
      ],
      ...[
        'url:below=http://acme.test/fhir/ValueSet/a',
        'url:above=http://acme.test/fhir/ValueSet/a/_history/5',
      ],
      ...['url:above=http://acme.test/fhir/ValueSet/a', 'url=http://acme.test/fhir/ValueSet/a|1.2'],
      'url:not=http://acme.test/fhir/ValueSet/a|1.3',
    ],
    [
      ...['url:below=http://acme.test/fhi', 'url:above=http://acme.test/fhir/ValueSet'],
      ...['url=http://acme.test/fhir/ValueSet/a|1.3', 'url=http://acme.test/fhir'],
      'url:not=http://acme.test/fhir/ValueSet/a|1.2',
    ],
  );
  const profiled = { resourceType: 'Patient', meta: { profile: ['http://p.test/a/b|2.1.0'] } };
  check(
    profiled,
    [
      ...[
        '_profile:below=http://p.test/a',
        '_profile=http://p.test/a/b',
        '_profile=http://p.test/a/b|2.1.0',
      ],
      ...['_profile:below=http://p.test/a/b|2', '_profile:above=http://p.test/a/b|2.1.0.7'],
    ],
    [
      '_profile:below=http://p.test/a/b|2.10',
      '_profile:below=http://p.test/x',
      '_profile=http://p.test/a',
    ],
  );
  const measured = { resourceType: 'MeasureReport', measure: 'http://m.test/m|1.2.3' };
  check(
    measured,
    [
      'measure:below=http://m.test/m|1',
      'measure:below=http://m.test/m',
      'measure:above=http://m.test/m|1.2.3.4',
    ],
    [
      'measure:below=http://m.test/m|1.20',
      'measure:above=http://m.test/m|1',
      'measure:below=http://m.test/n',
    ],
  );
  const later = { resourceType: 'MeasureReport', measure: 'http://m.test/m|12.1' };
  check(later, ['measure:below=http://m.test/m|12'], ['measure:below=http://m.test/m|1']);
  refused('Encounter', 'location:above=Location/1', 'subject:below=Patient/1');
});

test('missing is asked of every kind of parameter', () => {
  const quantity = { value: 1 };
  const observation = {
    ...{ resourceType: 'Observation', code: { coding: [{ code: 'a' }] }, valueQuantity: quantity },
    meta: { tag: [{ code: 't' }] },
  };
  check(
    observation,
    [
      ...['code-value-quantity:missing=false', 'component-code-value-quantity:missing=true'],
      ...['combo-code-value-quantity:missing=false', 'subject:missing=true', 'date:missing=true'],
      ...['value-quantity:missing=false', '_tag:missing=false', '_profile:missing=true'],
      ...['_id:missing=false', '_lastUpdated:missing=false', 'combo-code:missing=false'],
    ],
    ['_id:missing=true', 'code-value-concept:missing=false', 'code-value-quantity:missing=true'],
  );
  const place = { resourceType: 'Location', position: { latitude: 1, longitude: 2 } };
  check(place, ['near:missing=false'], ['near:missing=true']);
  check({ resourceType: 'Location' }, ['near:missing=true'], ['near:missing=false']);
});

test('places are near by the distance over the earth, in kilometres if unsaid', () => {
  const boston = {
    resourceType: 'Location',
    position: { latitude: { rawJSON: '42.3601' }, longitude: -71.0589 },
  };
  const [here, york] = ['42.3601|-71.0589', '40.7128|-74.0060'];
  check(
    boston,
    [
      ...[`near=${here}|0|m`, `near=${york}|310`, `near=${york}|310|km`, `near=${york}|191|mi`],
      ...[`near=${york}|307000|m`, `near=42.5|-71|||`.slice(0, -2), 'near=-42.36|108.94|20100'],
    ],
    [`near=${york}|300`, `near=${york}|305000|m`, `near=${york}`, `near=${york}|189|[mi_i]`],
  );
  const { limited } = parseSearch('Location', [['near', here ?? '']], { lenient: false });
  assert.deepEqual(limited, ['near without a distance is within 50 km.']);
  refused('Location', 'near=1', 'near=91|0|1', 'near=0|181|1', 'near=0|0|x', 'near=0|0|1|parsec');
  refused('Location', 'near=0|0|-1', 'near=0|0|1|km|x', 'near=||');
});

test('the narrative and all of the content are found by words', () => {
  const patient = {
    ...{ resourceType: 'Patient', name: [{ family: 'Müller' }] },
    text: {
      status: 'generated',
      div: '<div>Fractured <b class="cast">wrist</b> &amp; bruised</div>',
    },
  };
  check(
    patient,
    [
      ...['_text=wrist', '_text=bruised fractured', '_text="fractured wrist"', '_text=frac*'],
      ...['_text=knee,WRIST', '_text=knee OR wrist', '_text=wrist AND NOT knee', '_content=muller'],
      '_content=wrist muller',
    ],
    ['_text=fract', '_text=cast', '_text=muller', '_text=wrist knee', '_content=muell'],
  );
  const scan = { resourceType: 'Media', content: { title: 'Wrist', data: 'AAAA' } };
  check(scan, ['_content=wrist'], ['_content=aaaa']);
  refused('Patient', '_text=', '_text=--', '_content=OR');
});

test('chains lead to and fro, to any modifier', () => {
  const patient = {
    ...{ resourceType: 'Patient', id: '1', name: [{ family: 'Silva' }] },
    generalPractitioner: [{ reference: 'Practitioner/7' }],
  };
  const doctor = { resourceType: 'Practitioner', id: '7', name: [{ family: 'House' }] };
  const seen = {
    ...{ resourceType: 'Observation', id: '3', subject: { reference: 'Patient/1' } },
    ...{ code: { coding: [{ code: 'x', display: 'Pulse rate' }] }, valueQuantity: { value: 70 } },
    performer: [{ reference: 'Practitioner/7' }],
  };
  const report = {
    ...{ resourceType: 'DiagnosticReport', id: '9', result: [{ reference: 'Observation/3' }] },
    code: { coding: [{ code: 'r' }] },
  };
  const everything: Resource[] = [patient, doctor, seen, report];
  const context = {
    resolve: (type: string, id: string) =>
      everything.find((one) => one.resourceType === type && one.id === id),
    all: (type: string) => everything.filter((one) => one.resourceType === type),
  };
  const finds = (resource: Resource, query: string) =>
    matchesClause(resource, clause(resource.resourceType, query), context);
  const found: [Resource, ...string[]][] = [
    [seen, 'subject:Patient.name:contains=ilv', 'subject.general-practitioner.family=house'],
    [
      seen,
      'patient.name:missing=false',
      'subject:Patient.general-practitioner:Practitioner.name=h',
    ],
    [patient, '_has:Observation:patient:code=x', '_has:Observation:subject:performer.name=house'],
    [patient, '_has:Observation:patient:_has:DiagnosticReport:result:code=r'],
    [
      patient,
      '_has:Observation:patient:code:text=pulse',
      'general-practitioner.family:exact=House',
    ],
    [patient, '_has:Observation:patient:value-quantity=gt60', '_has:Observation:patient:_id=3'],
    [doctor, '_has:Patient:general-practitioner:_has:Observation:patient:code=x'],
    [report, 'result.subject:Patient.general-practitioner.family=house', 'result.code:text=pulse'],
  ];
  for (const [resource, ...queries] of found) {
    for (const query of queries) {
      assert.ok(finds(resource, query), query);
      const other = { false: 'true', gt60: 'gt99' }[query.split('=')[1] ?? ''] ?? 'other';
      assert.ok(!finds(resource, query.replace(/=.*$/, `=${other}`)), `${query}: ${other}`);
    }
  }
  refused('Observation', 'subject:Practitioner.name=x', 'code.name=x', 'subject.nothing=x');
  refused('Patient', '_has:Observation:patient=x', '_has:Observation:code:code=x', '_has:X:y:z=1');
});

test('what is below a place is in one of its parts', () => {
  const part = (id: string, of?: string) => ({
    ...{ resourceType: 'Location', id },
    ...(of !== undefined && { partOf: { reference: `Location/${of}` } }),
  });
  const places: Resource[] = [part('site'), part('ward', 'site'), part('bed', 'ward'), part('x')];
  const resolve = (_type: string, id: string) => places.find((one) => one.id === id);
  const at = (id: string) => ({
    resourceType: 'Encounter',
    location: [{ location: { reference: `Location/${id}` } }],
  });
  const finds = (resource: Resource, query: string) =>
    matchesClause(resource, clause(resource.resourceType, query), { resolve });
  for (const id of ['site', 'ward', 'bed']) {
    assert.ok(
      finds(at(id), 'location:below=Location/site') && finds(at(id), 'location:below=site'),
    );
  }
  assert.ok(!finds(at('x'), 'location:below=site') && !finds(at('site'), 'location:below=ward'));
  assert.ok(finds(part('bed', 'ward'), 'partof:below=site'));
  assert.ok(!finds(part('site'), 'partof:below=site'));
  const [pair] = [['location:below', 'site']] as [string, string][];
  const { limited } = parseSearch('Encounter', pair ? [pair] : [], { lenient: false });
  assert.deepEqual(limited, ['location:below goes 8 levels of parts down.']);
  refused('Encounter', 'location:below=Patient/1', 'location:below=http://x.test/y');
});

test('a list finds what its entries refer to', () => {
  const list = {
    ...{ resourceType: 'List', id: 'l1' },
    entry: [{ item: { reference: 'Patient/1' } }],
  };
  const all = (type: string) => (type === 'List' ? [list] : []);
  const on = (id: string, query: string) =>
    matchesClause({ resourceType: 'Patient', id }, clause('Patient', query), { all });
  assert.ok(on('1', '_list=l1') && on('1', '_list=x,List/l1'));
  assert.ok(!on('2', '_list=l1') && !on('1', '_list=l2'));
  refused('Patient', '_list=$current-problems', '_list=Patient/1', '_list:not=l1');
});

test('a search over all types asks only what each of them can answer', () => {
  const of = (...pairs: [string, string][]) => parseSearch('Resource', pairs, { lenient: false });
  const two = of(
    ['_type', 'Patient,Observation'],
    ['_tag', 'x'],
    ['identifier', '1'],
    ['_count', '5'],
  );
  assert.deepEqual(
    two.types?.map(({ type, where }) => [type, ...where.map((one) => one.on)]),
    [
      ['Patient', 'token', 'token'],
      ['Observation', 'token', 'token'],
    ],
  );
  assert.deepEqual(two.used[0], ['_type', 'Patient,Observation']);
  assert.equal(two.where.length, 0);
  const filtered = of(['_type', 'Patient,Organization'], ['_filter', 'name eq x']);
  assert.deepEqual(
    filtered.types?.map(({ where: [one] }) => one && 'params' in one && one.params),
    [
      ['family', 'given', 'name'],
      ['name', 'phonetic'],
    ],
  );
  assert.equal(of(['_lastUpdated', 'gt2020']).types?.length, 146);
  assert.equal(of(['_sort', '-_lastUpdated']).sort.length, 1);
  assert.throws(() => of(['_type', 'Patient,Observation'], ['birthdate', '1970']), SearchRefused);
  assert.throws(() => of(['name', 'x']), SearchRefused);
  assert.throws(() => of(['_type', 'Nobody']), SearchRefused);
  assert.throws(() => of(['_type', 'Patient'], ['_sort', 'birthdate']), SearchRefused);
});

test('a search may ask for its plan, or for the answer of another time', () => {
  const of = (...pairs: [string, string][]) => parseSearch('Patient', pairs, { lenient: false });
  assert.equal(of(['_explain', 'true']).explain, true);
  assert.equal(of(['_explain', 'false']).explain, false);
  assert.equal(of(['_asOf', '2024-05-01T10:00:00 02:00']).asOf, '2024-05-01T10:00:00+02:00');
  assert.throws(() => of(['_asOf', '2024-05-01']), SearchRefused);
  assert.throws(() => of(['_explain', 'yes']), SearchRefused);
});
