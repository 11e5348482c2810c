import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { searchParameters } from './parameter.ts';
import { parseSearch } from './parse-query.ts';
import type { Clause, SearchQuery } from './search-query.ts';
import { SearchRefused } from './search-refused.ts';

type Pair = [string, string];
/** `a=b&c=d` without percent-decoding. */
const pairs = (query: string): Pair[] =>
  query.split('&').map((pair): Pair => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
const search = (type: string, query: string, lenient = false): SearchQuery =>
  parseSearch(type, pairs(query), { lenient });
const clause = (type: string, query: string): Clause | undefined => search(type, query).where[0];
const values = (type: string, query: string): unknown => {
  const found = clause(type, query);
  return found && 'values' in found ? found.values : found;
};
const refusal = (type: string, query: string): string[] => {
  try {
    search(type, query);
  } catch (error) {
    if (error instanceof SearchRefused)
      return error.issues.map((one) => `${one.code} ${one.expression}`);
    throw error;
  }
  return [];
};

test('tokens are code, system|code, |code or system|', () => {
  assert.deepEqual(values('Observation', 'code=1,s|2,|3,s|'), [
    { code: '1' },
    { system: 's', code: '2' },
    { system: '', code: '3' },
    { system: 's' },
  ]);
  assert.deepEqual(values('Observation', 'code=a\\,b\\|c\\$d\\\\e'), [{ code: 'a,b|c$d\\e' }]);
  assert.deepEqual(refusal('Observation', 'code=|'), ['value code']);
  assert.deepEqual(refusal('Observation', 'code=a|b|c'), ['value code']);
});

test('the system that a code element implies may be written, another may not', () => {
  const gender = 'http://hl7.org/fhir/administrative-gender';
  assert.deepEqual(values('Patient', `gender=${gender}|male`), [{ code: 'male' }]);
  assert.deepEqual(refusal('Patient', 'gender=http://other|male'), ['value gender']);
  assert.deepEqual(refusal('Patient', 'active=x|true'), ['value active']);
});

test('a token on a string is compared without case', () => {
  assert.deepEqual(values('Medication', 'lot-number=AB12'), [{ code: 'ab12' }]);
});

test('an identifier is found by its type', () => {
  assert.deepEqual(clause('Patient', 'identifier:of-type=http://t|MR|446053'), {
    on: 'token',
    name: 'identifier:of-type',
    params: ['identifier:of-type'],
    modifier: 'of-type',
    values: [{ system: 'http://t|MR', code: '446053' }],
  });
  assert.deepEqual(refusal('Patient', 'identifier:of-type=MR|1'), ['value identifier:of-type']);
  assert.deepEqual(refusal('Patient', 'gender:of-type=a|b|c'), ['invalid gender:of-type']);
});

test('strings are normalized unless they are exact', () => {
  assert.deepEqual(clause('Patient', 'name=Müller,O’Brien'), {
    on: 'string',
    name: 'name',
    params: ['family', 'given', 'name'],
    modifier: '',
    values: ['muller', 'obrien'],
  });
  assert.deepEqual(values('Patient', 'family:exact=Müller'), ['Müller']);
  assert.deepEqual(clause('Patient', `name=${'x'.repeat(33)}`)?.on, 'substring');
  assert.deepEqual(refusal('Patient', `name:exact=${'x'.repeat(33)}`), []);
  assert.deepEqual(refusal('Patient', 'name=--'), ['value name']);
});

test('references are an id, a typed id, a URL or an identifier', () => {
  const types = ['Device', 'Group', 'Location', 'Patient'];
  assert.deepEqual(values('Observation', 'subject=1,Patient/2,http://x/y'), [
    { id: '1', types },
    { id: '2', types: ['Patient'] },
    { url: 'http://x/y' },
  ]);
  assert.deepEqual(values('Observation', 'patient=1'), [{ id: '1', types: ['Patient'] }]);
  assert.deepEqual(values('Observation', 'subject:Patient=1'), [{ id: '1', types: ['Patient'] }]);
  assert.deepEqual(values('Observation', 'subject:identifier=s|1'), [
    { identifier: { system: 's', code: '1' } },
  ]);
  for (const wrong of ['patient=Group/1', 'subject=a b', 'subject=Patient/1/_history/2']) {
    assert.equal(refusal('Observation', wrong).length, 1, wrong);
  }
  const own = 'https://us/fhir';
  const { where } = parseSearch('Observation', [['subject', `${own}/Patient/1`]], {
    lenient: false,
    own,
  });
  const tests = where.map((one) => 'values' in one && one.values);
  assert.deepEqual(tests, [[{ id: '1', types: ['Patient'] }]]);
});

test('a canonical reference is found by its URL', () => {
  assert.deepEqual(values('MeasureReport', 'measure=http://x/M|1'), [{ url: 'http://x/M|1' }]);
});

test('dates carry a prefix for each alternative, and a plus lost in a URL is put back', () => {
  const day = { low: Date.UTC(2013, 0, 14), high: Date.UTC(2013, 0, 15) - 1 };
  assert.deepEqual(values('Observation', 'date=ge2013-01-14,2013-01-14'), [
    { prefix: 'ge', ...day },
    { prefix: 'eq', ...day },
  ]);
  const at = Date.UTC(2013, 0, 14, 5);
  assert.deepEqual(values('Observation', 'date=2013-01-14T10:00:00 05:00'), [
    { prefix: 'eq', low: at, high: at + 999 },
  ]);
  assert.deepEqual(refusal('Observation', 'date=14.1.2013'), ['value date']);
});

test('birth dates lie between 1850 and 2150', () => {
  assert.deepEqual(values('Patient', 'birthdate=lt1970-05'), [{ prefix: 'lt', value: '1970-05' }]);
  for (const wrong of ['1849', '1850-01-01T00:00:00+14:00', '1970-02-30', 'x']) {
    assert.deepEqual(refusal('Patient', `birthdate=${wrong}`), ['value birthdate'], wrong);
  }
});

test('quantities are a number, with a unit by system and code or by code alone', () => {
  const number = { prefix: 'eq', value: 5.4, low: 5.35, high: 5.45 };
  assert.deepEqual(values('Observation', 'value-quantity=5.4,5.4|u|mg,5.4||mg,5.4|u|'), [
    number,
    { ...number, system: 'u', code: 'mg' },
    { ...number, code: 'mg' },
    { ...number, system: 'u' },
  ]);
  assert.deepEqual(refusal('Observation', 'value-quantity=5.4|mg'), ['value value-quantity']);
  assert.deepEqual(refusal('RiskAssessment', 'probability=high'), ['value probability']);
});

test('a composite over the resource asks all of its parts of one resource', () => {
  const found = clause('Observation', 'code-value-quantity=x$gt5');
  assert.equal(found?.on, 'all-of-one');
  const parts = found?.on === 'all-of-one' ? found.values : [];
  assert.deepEqual(
    parts.map((all) => all.map((one) => ('params' in one ? one.params : one.on))),
    [[['code'], ['value-quantity']]],
  );
});

test('a composite over a repeating element asks both parts of one element', () => {
  const then = { on: 'token', test: { code: 'b' } };
  assert.deepEqual(clause('Observation', 'component-code-value-concept=s|a$b'), {
    on: 'composite',
    name: 'component-code-value-concept',
    param: 'component-code-value-concept',
    // oxlint-disable-next-line unicorn/no-thenable -- a test, never a function
    values: [{ token: { system: 's', code: 'a' }, then }],
  });
  const combo = clause('Observation', 'combo-code-value-quantity=a$5');
  const alternatives = combo?.on === 'all-of-one' ? combo.values : [];
  assert.deepEqual(
    alternatives.map((all) => all.map((one) => one.on)),
    [['token', 'quantity'], ['composite']],
  );
  assert.equal(refusal('Observation', 'code-value-quantity=5').length, 1);
  assert.equal(refusal('Observation', 'component-code-value-quantity=s|$5').length, 1);
});

test('missing asks for the parameters whose presence is known', () => {
  const missing = { on: 'missing', name: 'patient:missing', params: ['patient'], missing: true };
  assert.deepEqual(clause('Observation', 'patient:missing=true'), missing);
  assert.deepEqual(clause('Patient', 'name:missing=false'), {
    on: 'missing',
    name: 'name:missing',
    params: ['family', 'given', 'name'],
    missing: false,
  });
  assert.deepEqual(refusal('Patient', 'name:missing=maybe'), ['value name:missing']);
  const nothing = { on: 'and', name: '_id:missing', clauses: [] };
  assert.deepEqual(clause('Patient', '_id:missing=false'), nothing);
  const [composite, place] = ['code-value-quantity', 'near'].map((code) => `${code}:missing=true`);
  assert.deepEqual(clause('Observation', composite ?? '')?.on, 'not');
  assert.deepEqual(clause('Location', place ?? '')?.on, 'not');
});

test('the parameters of every resource are read', () => {
  const query = search(
    'Patient',
    '_id:not=a,b&_lastUpdated=gt2020&_tag=t&_profile=http://p&_source=s',
  );
  assert.deepEqual(
    query.where.map((one) => one.on),
    ['id', 'updated', 'token', 'uri', 'uri'],
  );
  assert.deepEqual(query.where[0], { on: 'id', not: true, ids: ['a', 'b'] });
  assert.deepEqual(refusal('Patient', '_id=a b'), ['value _id']);
});

test('a chain leads to every target that has the parameter, or to the one named', () => {
  const targets = (query: string): string[] => {
    const found = clause('Observation', query);
    return found?.on === 'chain' ? found.alternatives.map((one) => one.target) : [];
  };
  assert.deepEqual(targets('subject.name=x'), ['Location', 'Patient']);
  assert.deepEqual(targets('subject:Patient.name=x'), ['Patient']);
  assert.deepEqual(targets('patient.organization.name=x'), ['Patient']);
  assert.deepEqual(refusal('Observation', 'subject:Practitioner.name=x').length, 1);
  assert.deepEqual(refusal('Observation', 'subject.nothing=x'), ['invalid subject.nothing']);
  assert.deepEqual(refusal('Observation', 'code.name=x'), ['invalid code.name']);
  const deep = `subject:Patient.${'link:Patient.'.repeat(8)}name=x`;
  assert.match(refusal('Observation', deep)[0] ?? '', /^too-costly /);
  assert.match(refusal('Observation', 'focus.subject.subject.name=x')[0] ?? '', /^too-costly /);
});

test('a reverse chain asks what points here', () => {
  const then = clause('Observation', 'code=x');
  // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
  assert.deepEqual(clause('Patient', '_has:Observation:patient:code=x'), {
    on: 'has',
    name: '_has:Observation:patient:code',
    source: 'Observation',
    params: ['subject'],
    then,
  });
  const nested = clause('Patient', '_has:Observation:patient:_has:AuditEvent:entity:agent=x');
  assert.equal(nested?.on === 'has' && nested.then.on, 'has');
  for (const wrong of ['_has:Observation:patient', '_has:X:y:z', '_has:Observation:code:code']) {
    assert.equal(refusal('Patient', `${wrong}=x`).length, 1, wrong);
  }
  assert.equal(refusal('Practitioner', '_has:Observation:patient:code=x').length, 1);
});

test('result parameters say what to return', () => {
  const query = search(
    'Observation',
    '_sort=-date,code&_count=20&_total=accurate&_summary=text&_elements=code,subject&_cursor=abc&_format=json',
  );
  assert.deepEqual(query.sort, [
    { param: 'date', kind: 'date', descending: true },
    { param: 'code', kind: 'token', descending: false },
  ]);
  assert.deepEqual([query.count, query.total, query.summary], [20, 'accurate', 'text']);
  assert.deepEqual([query.elements, query.cursor], [['code', 'subject'], 'abc']);
  assert.deepEqual(query.used.map(([name]) => name).includes('_cursor'), false);
  assert.deepEqual(query.ignored, []);
});

test('a page larger than 1000 is reduced and said to be', () => {
  const query = search('Patient', '_count=5000');
  assert.equal(query.count, 1000);
  assert.equal(query.limited?.length, 1);
  assert.deepEqual(query.used, [['_count', '1000']]);
});

test('includes name a source, a reference and perhaps a target', () => {
  const query = search(
    'Observation',
    '_include=Observation:patient&_include=*&_include:iterate=Patient:organization&_revinclude=Provenance:target&_revinclude=*',
  );
  assert.deepEqual(query.include, [
    { source: 'Observation', param: 'subject', target: 'Patient', iterate: false },
    { source: 'Observation', param: '*', iterate: false },
    { source: 'Patient', param: 'organization', iterate: true },
  ]);
  const [first, ...everything] = query.revinclude;
  assert.deepEqual(first, { source: 'Provenance', param: 'target', iterate: false });
  const sources = everything.map((one) => one.source);
  assert.ok(sources.includes('DiagnosticReport') && !sources.includes('Patient'));
  assert.ok(everything.every((one) => one.param === '*' && !one.iterate));
  const wrong = [
    '_include=Patient:organization',
    '_include=Observation:code',
    '_include=Observation',
    '_include=Observation:subject:Practitioner',
    '_revinclude=Patient:organization',
    '_include:recurse=Observation:subject',
  ];
  for (const one of wrong) assert.equal(refusal('Observation', one).length, 1, one);
});

test('every mistake of a search is named at once, without any value', () => {
  const secret = 'Secretname';
  const query = `foo=${secret}&birthdate=${secret}&gender=x|${secret}&_filter=${secret}&_count=${secret}`;
  try {
    search('Patient', query);
    assert.fail('accepted');
  } catch (error) {
    assert.ok(error instanceof SearchRefused);
    assert.deepEqual(
      error.issues.map((one) => one.expression),
      ['foo', 'birthdate', 'gender', '_filter', '_count'],
    );
    assert.ok(!JSON.stringify(error.issues).includes(secret) && !error.message.includes(secret));
  }
});

test('lenient handling ignores what is unknown and nothing else', () => {
  const query = search('Patient', 'foo=1&gender=male&subject.bar=2', true);
  assert.deepEqual(query.ignored, ['foo', 'subject.bar']);
  assert.deepEqual(query.used, [['gender', 'male']]);
  for (const wrong of [
    'gender:exact=x',
    '_filter=foo eq 1',
    'gender:foo=x',
    'birthdate=x',
    '_filter=x',
    '_count=x',
  ]) {
    assert.throws(() => search('Patient', wrong, true), SearchRefused, wrong);
  }
});

test('an empty parameter is ignored and named, unless a criterion must not be left out', () => {
  const asked: Pair[] = [
    ['name', ''],
    ['gender', 'male'],
    ['_sort', ''],
    ['_type', ''],
  ];
  const { where, ignored, used } = parseSearch('Patient', asked, {
    ...{ lenient: false, ignoreEmpty: true },
  });
  assert.deepEqual(
    [where.length, ignored, used],
    [...[1, ['name', '_sort', '_type']], [['gender', 'male']]],
  );
  const all = parseSearch('Resource', [['_type', '']], { lenient: false, ignoreEmpty: true });
  assert.deepEqual([all.types?.length, all.ignored, all.used], [146, ['_type'], []]);
  assert.deepEqual(refusal('Patient', 'name='), ['value name']);
  assert.deepEqual(refusal('Patient', 'name=a,,b'), ['value name']);
});

test('what no search here can answer is refused by its name', () => {
  const not = (type: string, ...queries: string[]) => {
    for (const query of queries) {
      const [name = ''] = query.split('=');
      assert.deepEqual(refusal(type, query), [`not-supported ${name}`], query);
    }
  };
  not('Patient', '_query=x', '_type=Patient', '_list=$current-allergies', '_sort=_score');
  not(
    'Patient',
    '_contained=true',
    '_containedType=contained',
    'organization:above=Organization/1',
  );
  assert.deepEqual(refusal('Patient', '_contained=false&_containedType=container'), []);
  assert.deepEqual(refusal('Patient', '_text:exact=x'), ['invalid _text:exact']);
  assert.deepEqual(refusal('Patient', 'birthdate:contains=x'), ['invalid birthdate:contains']);
});

test('a search has bounds', () => {
  const many = Array.from({ length: 101 }, (): Pair => ['_tag', 'x']);
  assert.throws(() => parseSearch('Patient', many, { lenient: true }), SearchRefused);
  const wide: Pair[] = [['_tag', 'x,'.repeat(501)]];
  assert.throws(() => parseSearch('Patient', wide, { lenient: true }), SearchRefused);
  const long: Pair[] = [['_tag', 'x'.repeat(70_000)]];
  assert.throws(() => parseSearch('Patient', long, { lenient: true }), SearchRefused);
  assert.throws(() => parseSearch('Nobody', [], { lenient: true }), SearchRefused);
});

test('whatever is asked, the answer is a query or a refusal, within a second', () => {
  const codes = [...searchParameters('Observation').keys(), '_include', '_sort', '_count', '_has'];
  const words =
    'Observation Patient subject focus ge2020 5.4 x$y a|b * name _has identifier not missing ' +
    'contains text in above below _text _content _filter _list near http://a.test/b|1 eq (';
  const word = fc.constantFrom(...words.split(' '), 'iterate', '\\', '2020-01-01T10:00 02:00');
  const mark = fc.constantFrom(':', '.', ',', '|', '$', '', '-');
  const text = fc
    .array(fc.tuple(fc.oneof(word, fc.constantFrom(...codes), fc.string({ maxLength: 8 })), mark), {
      maxLength: 12,
    })
    .map((parts) => parts.flat().join(''));
  const name = fc.oneof(
    text,
    fc.tuple(fc.constantFrom(...codes), mark, text).map((x) => x.join('')),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, text), { maxLength: 20 }),
      fc.boolean(),
      (asked, lenient) => {
        const from = performance.now();
        try {
          parseSearch('Observation', asked, { lenient });
        } catch (error) {
          if (!(error instanceof SearchRefused)) throw error;
        }
        assert.ok(performance.now() - from < 1000);
      },
    ),
    { numRuns: 500 },
  );
});
