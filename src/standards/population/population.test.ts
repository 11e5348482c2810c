import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStructure } from '../fhir/structure.ts';
import type { Resource, SyntheticPatient } from './index.ts';
import { defaultAsOf, patient, population, providers } from './index.ts';

const seed = 20_260_101;
const sample: readonly SyntheticPatient[] = [...population({ seed, patients: 150 })];
const everything = sample.flatMap((one) => one.resources);

test('the same seed gives the same bytes, another seed other people', () => {
  const text = (from: number) => JSON.stringify([...population({ seed: from, patients: 5 })]);
  assert.equal(text(seed), text(seed));
  assert.notEqual(text(seed), text(seed + 1));
  assert.notEqual(text(1), text(1 + 2 ** 32));
});

test('a patient made alone is the one the population has at that place', () => {
  assert.deepEqual(patient(seed, 42), sample[42]);
  assert.notEqual(patient(seed, 42, '2020-06-01').resources.length, 0);
});

test('an order for another day ends on that day', () => {
  const [one] = population({ seed, patients: 1, asOf: '2015-03-01' });
  assert.ok(dates(one?.resources ?? []).every(({ at }) => at <= Date.parse('2015-03-01')));
  assert.throws(() => [...population({ seed, patients: 1, asOf: 'soon' })], RangeError);
});

test('every resource has the structure R4 demands', () => {
  for (const resource of [...providers(seed), ...everything]) {
    assert.deepEqual(checkStructure(resource), [], resource.resourceType);
  }
  assert.notEqual(checkStructure({ ...everything[0], gender: 'unheard-of' }).length, 0);
});

test('every reference is to the patient’s own record or to the providers, and of the right type', () => {
  const shared = new Set(providers(seed).map(address));
  for (const one of sample) {
    const own = new Set(one.resources.map(address));
    assert.equal(own.size, one.resources.length, 'ids are not used twice');
    assert.ok(own.has(`Patient/${one.patient}`));
    walk(one.resources, (key, value) => {
      if (key !== 'reference' || typeof value !== 'string') return;
      assert.ok(own.has(value) || shared.has(value), value);
    });
  }
});

test('ids are unique over the population', () => {
  const ids = everything.map((resource) => resource.id);
  assert.equal(new Set(ids).size, ids.length);
});

test('nothing is dated before birth, after death or after the day of the population', () => {
  for (const one of sample) {
    const [person] = one.resources;
    const birth = Date.parse(String(person?.['birthDate']));
    const death = person?.['deceasedDateTime'];
    const end = typeof death === 'string' ? Date.parse(death) : Date.parse(defaultAsOf);
    for (const { path, at } of dates(one.resources)) {
      assert.ok(at >= birth && at <= end, `${path} ${new Date(at).toISOString()}`);
    }
  }
});

test('ages follow a population: children, adults, old people, and some who have died', () => {
  const people = [...population({ seed: 5, patients: 600 })].map((one) => one.resources[0]);
  const dead = people.filter((person) => person?.['deceasedDateTime'] !== undefined).length;
  const born = people.map((person) => Number(String(person?.['birthDate']).slice(0, 4)));
  const share = (count: number) => count / people.length;
  within(share(dead), 0.03, 0.12);
  within(share(born.filter((year) => year > 2007).length), 0.15, 0.3);
  within(share(born.filter((year) => year < 1961).length), 0.13, 0.3);
  within(share(people.filter((person) => person?.['gender'] === 'female').length), 0.43, 0.58);
});

test('height, weight and body mass index of a visit agree with one another', () => {
  const byVisit = Map.groupBy(named('Observation'), (one) => JSON.stringify(one['encounter']));
  let compared = 0;
  for (const observations of byVisit.values()) {
    const value = (loinc: string) => quantityOf(observations.find((one) => loincOf(one) === loinc));
    const [height, weight, index] = [value('8302-2'), value('29463-7'), value('39156-5')];
    if (height === undefined || weight === undefined || index === undefined) continue;
    compared += 1;
    within(weight / (height / 100) ** 2 - index, -0.051, 0.051);
    within(index, 12, 60);
  }
  assert.ok(compared > 300);
});

test('systolic pressure is above diastolic, in one panel', () => {
  const panels = named('Observation').filter((one) => loincOf(one) === '85354-9');
  assert.ok(panels.length > 300);
  for (const panel of panels) {
    const [systolic, diastolic] = (panel['component'] as Resource[]).map(quantityOf);
    assert.ok(systolic !== undefined && diastolic !== undefined && systolic > diastolic + 10);
  }
});

test('a laboratory value outside its reference range is marked high or low, others normal', () => {
  const results = named('Observation').filter((one) => one['referenceRange'] !== undefined);
  const marks = new Set<string>();
  for (const result of results) {
    const value = quantityOf(result) ?? Number.NaN;
    const [range] = result['referenceRange'] as { low?: Value; high?: Value }[];
    const expected =
      value < (range?.low?.value ?? -Infinity)
        ? 'L'
        : value > (range?.high?.value ?? Infinity)
          ? 'H'
          : 'N';
    const [mark] = result['interpretation'] as { coding: { code: string }[] }[];
    assert.equal(mark?.coding[0]?.code, expected);
    marks.add(expected);
  }
  assert.deepEqual([...marks].sort(), ['H', 'L', 'N']);
});

test('identifiers, telephones and addresses can be nobody’s', () => {
  const text = JSON.stringify([providers(seed), everything]);
  for (const [, value = ''] of text.matchAll(/us-ssn","value":"([^"]*)"/g)) {
    assert.match(value, /^999-\d\d-\d{4}$/);
  }
  for (const [, value = ''] of text.matchAll(/"system":"phone","value":"([^"]*)"/g)) {
    assert.match(value, /^\+1-\d{3}-555-01\d\d$/);
  }
  for (const [, value = ''] of text.matchAll(/"system":"email","value":"([^"]*)"/g)) {
    assert.match(value, /^[a-z.]+\d+@example\.org$/);
  }
  for (const [, value = ''] of text.matchAll(/us-npi","value":"([^"]*)"/g)) {
    assert.match(value, /^9999\d{6}$/);
  }
});

// Per patient in 50 records of Synthea 2.4, a widely used generator.
const usual: Readonly<Record<string, number>> = {
  Observation: 98,
  Claim: 23,
  Encounter: 19,
  ExplanationOfBenefit: 19,
  Immunization: 13,
  Procedure: 10,
  Condition: 6,
  DiagnosticReport: 6,
  MedicationRequest: 4,
  CarePlan: 2,
  Goal: 1,
  AllergyIntolerance: 0.64,
};

test('a record has about as much of everything as records usually have', () => {
  for (const [type, count] of Object.entries(usual)) {
    within(named(type).length / sample.length, count * 0.55, count * 1.7, type);
  }
  for (const type of ['Patient', 'Consent']) assert.equal(named(type).length, sample.length);
  within(named('Coverage').length / sample.length, 1, 2);
  within(named('DocumentReference').length / sample.length, 0.05, 1);
  const bytes = everything.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0);
  within(bytes / everything.length, 1150, 1500, 'bytes');
});

test('20,000 resources a second, and twice the patients take about twice the time', () => {
  const milliseconds = (patients: number) => {
    const from = performance.now();
    let resources = 0;
    for (const one of population({ seed: 9, patients })) resources += one.resources.length;
    return { spent: performance.now() - from, resources };
  };
  milliseconds(50);
  const small = milliseconds(100);
  const large = milliseconds(400);
  assert.ok(large.resources / large.spent > 20, 'resources per millisecond');
  // Other programs share the machine: four times the work may take up to twelve times as long.
  assert.ok(large.spent < small.spent * 12);
});

interface Value {
  value: number;
}

function named(type: string): Resource[] {
  return everything.filter((resource) => resource.resourceType === type);
}

function address(resource: Resource): string {
  return `${resource.resourceType}/${resource.id}`;
}

function loincOf(observation: Resource): string | undefined {
  return (observation['code'] as { coding: { code: string }[] }).coding[0]?.code;
}

function quantityOf(holder: Resource | undefined): number | undefined {
  return (holder?.['valueQuantity'] as Value | undefined)?.value;
}

function within(value: number, low: number, high: number, what = 'value'): void {
  assert.ok(value >= low && value <= high, `${what} ${value} is not within ${low} to ${high}`);
}

function walk(
  value: unknown,
  visit: (key: string, value: unknown, path: string) => void,
  path = '',
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    visit(key, inner, `${path}.${key}`);
    walk(inner, visit, `${path}.${key}`);
  }
}

/** All dates of a record, but those that lie ahead by nature. */
function dates(resources: readonly Resource[]): { path: string; at: number }[] {
  const found: { path: string; at: number }[] = [];
  for (const resource of resources) {
    walk(resource, (_, value, path) => {
      if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T|$)/.test(value)) return;
      if (/\.provision\.period\.end$|expirationDate$/.test(path)) return;
      found.push({ path: `${resource.resourceType}${path}`, at: Date.parse(value) });
    });
  }
  return found;
}
