import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Asker,
  bundleOf,
  idsOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';
import { edgeCases } from '../../../../test/search/edge-case.ts';
import { NaiveSearch } from '../../../../test/search/naive-search.ts';
import { type Pair, RandomQuery } from '../../../../test/search/random-query.ts';
import { parseSearch } from '../../../standards/fhir/search/parse-query.ts';
import { SearchRefused } from '../../../standards/fhir/search/search-refused.ts';
import { population } from '../../../standards/population/index.ts';
import { Random } from '../../../standards/population/random.ts';

let r: TestRecords;
let admin: Asker;
let naive: NaiveSearch;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  const resources = [...sample(), ...edgeCases()];
  const updated = new Map<string, number>();
  for (let from = 0; from < resources.length; from += 100) {
    const entries = resources.slice(from, from + 100).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const answer = await admin.post('/fhir', bundleOf('transaction', entries));
    assert.equal(answer.status, 200, answer.text);
    answer.body.entry?.forEach(({ response }, index) => {
      const id = resources[from + index]?.id ?? '';
      updated.set(id, Date.parse(response.lastModified ?? ''));
    });
  }
  naive = new NaiveSearch(resources, r.baseUrl, (id) => updated.get(id) ?? 0);
});
after(() => r.close());

/** At most twenty of each type, of four patients. */
function sample() {
  const counts = new Map<string, number>();
  const all = [...population({ seed: 11, patients: 4 })].flatMap(({ resources }) => resources);
  return all.filter(({ resourceType }) => {
    const count = (counts.get(resourceType) ?? 0) + 1;
    counts.set(resourceType, count);
    return count <= 20;
  });
}

function expected(type: string, pairs: readonly Pair[]): string[] | undefined {
  try {
    const { where } = parseSearch(type, pairs, {
      ...{ lenient: false, own: r.baseUrl, now: Date.now() },
    });
    return naive.find(type, where).map(({ id }) => id);
  } catch (error) {
    if (error instanceof SearchRefused) return undefined;
    throw error;
  }
}

async function check(type: string, pairs: readonly Pair[]): Promise<'found' | 'none' | 'refused'> {
  const wanted = expected(type, pairs);
  const query = new URLSearchParams([...pairs]);
  const answer = await admin.get(`/fhir/${type}?${query}&_count=1000&_total=accurate`);
  const shown = `${type}?${decodeURIComponent(String(query))}`;
  if (wanted === undefined) {
    assert.equal(answer.status, 400, `${shown}: ${answer.text.slice(0, 500)}`);
    return 'refused';
  }
  assert.equal(answer.status, 200, `${shown}: ${answer.text.slice(0, 500)}`);
  assert.deepEqual(idsOf(answer).sort(), wanted.sort(), shown);
  assert.equal(answer.body.total, wanted.length, shown);
  return wanted.length > 0 ? 'found' : 'none';
}

test('800 random searches find exactly what a naive reading of the standard finds', async () => {
  const made = new RandomQuery(new Random(2026, 1, 1), naive.records);
  const counts = { found: 0, none: 0, refused: 0 };
  for (let n = 0; n < 800; n += 1) {
    const { type, pairs } = made.next();
    counts[await check(type, pairs)] += 1;
  }
  // Else the searches would prove little.
  assert.ok(counts.found > 400, JSON.stringify(counts));
  assert.ok(counts.refused < 80, JSON.stringify(counts));
});

test('what only looks alike is not found', async () => {
  assert.equal(await check('Patient', [['name:exact', 'zoë']]), 'none');
  assert.equal(await check('Patient', [['address', 'j']]), 'none'); // its eleventh word
  assert.equal(await check('Patient', [['deceased:missing', 'true']]), 'none'); // absent is false
});

test('hand-made searches at the edges of the standard find what it says', async () => {
  const empty: string[] = [];
  for (const [type, ...pairs] of edges()) {
    const outcome = await check(type, pairs);
    if (outcome !== 'found') empty.push(`${type}?${pairs.join('&')}: ${outcome}`);
  }
  assert.deepEqual(empty, []);
});

/** Each finds something. */
const edges = (): [type: string, ...Pair[]][] => [
  ['Patient', ['family', 'Muller']],
  ['Patient', ['family', 'LÜDEN']],
  ['Patient', ['name', 'zoe']],
  ['Patient', ['name:exact', 'Zoë']],
  ['Patient', ['family', 'obrien']],
  ['Patient', ['family', "O'B"]],
  ['Patient', ['name', '山田']],
  ['Patient', ['family', 'und']],
  ['Patient', ['address-city', 'lodz']],
  ['Patient', ['identifier', 'X\\,1\\|2\\$3\\\\4']],
  ['Patient', ['identifier', '|bare']],
  ['Patient', ['identifier', 'urn:b|']],
  ['Patient', ['identifier:of-type', 'urn:types|MR|bare']],
  ['Patient', ['email', 'Ann.Smith@Example.org']],
  ['Patient', ['deceased', 'false']],
  ['Patient', ['organization:identifier', 'urn:org|7']],
  ['Patient', ['_tag:not', 'urn:t|x']],
  ['Patient', ['_profile', 'http://p.test/a']],
  ['Patient', ['birthdate', 'lt1850']],
  ['Patient', ['birthdate', 'gt2150']],
  ['Patient', ['birthdate', 'sa1970-05']],
  ['Patient', ['birthdate', 'ne1970']],
  ['Patient', ['birthdate', 'ge1970-01-01'], ['birthdate', 'le1970-12-31']],
  ['Observation', ['_has:Observation:has-member:code', '8867-4']],
  ['Observation', ['date', 'ge2030']],
  ['Observation', ['date', 'lt1900']],
  ['Observation', ['date', 'sa2019-12-31'], ['date', 'eb2021']],
  ['Observation', ['date', '2020-03-01T00:00:00Z']],
  ['Observation', ['date', 'ap2020-02']],
  ['Observation', ['value-quantity', '5.4']],
  ['Observation', ['value-quantity', '5.4||mg']],
  ['Observation', ['value-quantity', '5.4||milligram']],
  ['Observation', ['value-quantity', '5.4|http://unitsofmeasure.org|mg']],
  ['Observation', ['value-quantity', 'lt5']],
  ['Observation', ['value-quantity', 'ge1e299']],
  ['Observation', ['value-quantity', 'ap-41']],
  ['Observation', ['component-code-value-quantity', '8480-6$120']],
  ['Observation', ['combo-code-value-quantity', 'http://loinc.org|8462-4$gt100']],
  ['Observation', ['component-code-value-concept', 'x$urn:v|z']],
  ['Observation', ['value-string', 'grun & sch']],
  ['Observation', ['value-concept', '|y']],
  ['Observation', ['subject', 'https://other.test/fhir/Patient/9']],
  ['Observation', ['subject', `${r.baseUrl}/Patient/e-tag`]],
  ['Observation', ['subject:identifier', 'urn:a|L1']],
  ['Observation', ['patient:missing', 'true']],
  ['Observation', ['subject:not', 'Patient/e-year']],
  ['Observation', ['subject:Patient.birthdate', '1970'], ['status', 'final']],
  ['Observation', ['has-member:Observation.component-code', '8480-6']],
  ['RiskAssessment', ['probability', '0.02,0.8']],
  ['ValueSet', ['url', 'http://v.test/a|b']],
  ['ValueSet', ['url:not', 'urn:oid:1.2.3']],
  ['Group', ['characteristic-value', 'urn:c|sex$urn:s|f']],
];
