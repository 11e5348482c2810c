import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesClause } from './matches-clause.ts';
import { parseSearch } from './parse-query.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
type Resource = { resourceType: string } & Record<string, unknown>;
const finds = (resource: Resource, name: string, value: string): boolean =>
  parseSearch(resource.resourceType, [[name, value]], { lenient: false, now }).where.every((one) =>
    matchesClause(resource, one),
  );
/** The prefixes that find it with this search value; '=' is none written. */
const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'];
const finding = (resource: Resource, name: string, value: string): string =>
  prefixes.filter((prefix) => finds(resource, name, prefix + value)).join(' ');

const at = (effectiveDateTime: string) => ({ resourceType: 'Observation', effectiveDateTime });
const during = (start?: string, end?: string) => ({
  ...{ resourceType: 'Observation' },
  effectivePeriod: { ...(start && { start }), ...(end && { end }) },
});

test('a date answers exactly the prefixes that the two ranges allow', () => {
  const before = 'ne lt le eb';
  const after = 'ne gt ge sa';
  const same = 'eq ge le';
  /** The stored date reaches over both ends of the one asked for. */
  const around = 'ne gt lt ge le';
  const table: [Resource, string, string][] = [
    // Both of one precision.
    [at('2024'), '2024', same],
    [at('2023'), '2024', before],
    [at('2025'), '2024', after],
    [at('2024-05'), '2024-05', same],
    [at('2024-05-17'), '2024-05-17', same],
    [at('2024-05-17'), '2024-05-18', before],
    [at('2024-05-17T10:00:00Z'), '2024-05-17T10:00:00Z', same],
    [at('2024-05-17T10:00:00.250Z'), '2024-05-17T10:00:00.250Z', same],
    // A finer date is inside of a coarser one.
    [at('2024-05-17'), '2024', same],
    [at('2024-05-17'), '2024-05', same],
    [at('2024-05-17T10:00:00Z'), '2024-05-17', same],
    [at('2024-05-17T10:00:30Z'), '2024-05-17T10:00Z', same],
    [at('2024-05-17T10:00:00.999Z'), '2024-05-17T10:00:00Z', same],
    [at('2024-12-31T23:59:59Z'), '2024', same],
    [at('2025-01-01T00:00:00Z'), '2024', after],
    // A coarser date is around a finer one, or beside it.
    [at('2024'), '2024-05-17', around],
    [at('2024'), '2024-01-01', 'ne gt ge le'],
    [at('2024'), '2024-12-31', 'ne lt ge le'],
    [at('2024-05'), '2024-06-01', before],
    [at('2024-05-17'), '2024-05-17T10:00:00Z', around],
    // Zones: the same instant, and a day that is another one elsewhere.
    [at('2024-05-17T23:30:00-05:00'), '2024-05-18T04:30:00Z', same],
    [at('2024-05-17T23:30:00-05:00'), '2024-05-17', after],
    [at('2024-05-17T00:30:00+14:00'), '2024-05-17', before],
    [at('2024-05-17T10:00:00Z'), '2024-05-17T12:00:00 02:00', same],
    // Periods: inside, around, over an end, open.
    [during('2024-05-01', '2024-05-31'), '2024-05', same],
    [during('2024-04-01', '2024-06-30'), '2024-05', around],
    [during('2024-04-01', '2024-05-10'), '2024-05', 'ne lt ge le'],
    [during('2024-05-10', '2024-06-10'), '2024-05', 'ne gt ge le'],
    [during('2024-05-10'), '2024-05', 'ne gt ge le'],
    [during('2024-06-10'), '2024-05', after],
    [during('2024-04-10'), '2024-05', around],
    [during(undefined, '2024-05-10'), '2024-05', 'ne lt ge le'],
    [during(undefined, '2024-04-10'), '2024-05', before],
    [during(undefined, '2024-06-10'), '2024-05', around],
    // The end of a period that is a day is all of that day.
    [during('2024-05-01', '2024-05-10'), '2024-05-10T12:00:00Z', around],
    // A leap second is the second after it.
    [at('2016-12-31T23:59:60Z'), '2017-01-01T00:00:00Z', same],
  ];
  for (const [resource, value, expected] of table) {
    assert.equal(
      finding(resource, 'date', value),
      expected,
      `${JSON.stringify(resource)} ${value}`,
    );
  }
});

test('of a Timing only the outer limits matter', () => {
  const event = ['2024-05-01', '2024-05-20T10:00:00Z'];
  const plan = { resourceType: 'Observation', effectiveTiming: { event } };
  assert.equal(finding(plan, 'date', '2024-05'), 'eq ge le');
  assert.equal(finding(plan, 'date', '2024-05-10'), 'ne gt lt ge le');
  const boundsPeriod = { start: '2024-01' };
  const bounded = { resourceType: 'Observation', effectiveTiming: { repeat: { boundsPeriod } } };
  assert.equal(finding(bounded, 'date', '2023'), 'ne gt ge sa');
});

test('each alternative has a prefix of its own', () => {
  const may = at('2024-05-17');
  assert.ok(finds(may, 'date', 'lt2000,ge2024-05'));
  assert.ok(!finds(may, 'date', 'lt2000,gt2024-05'));
});

test('ap reaches a tenth of the time between the date and now', () => {
  assert.ok(finds(at('2024-01-01'), 'date', 'ap2024-02-20'));
  assert.ok(!finds(at('2024-01-01'), 'date', 'ap2024-04-15'));
  assert.ok(finds(at('2025-12-31'), 'date', 'ap2025-12-31'));
  assert.ok(!finds(at('2025-12-29'), 'date', 'ap2025-12-31'));
  const born = { resourceType: 'Patient', birthDate: '1970-05-12' };
  assert.ok(finds(born, 'birthdate', 'ap1973') && finds(born, 'birthdate', 'ap1975-01-01'));
  assert.ok(!finds(born, 'birthdate', 'ap1980'));
});

test('the last update is an instant compared like any date', () => {
  const seen = { resourceType: 'Patient', meta: { lastUpdated: '2024-05-17T10:00:00.250Z' } };
  assert.equal(finding(seen, '_lastUpdated', '2024-05-17'), 'eq ge le');
  assert.equal(finding(seen, '_lastUpdated', '2024-05-17T10:00:00.250Z'), 'eq ge le');
  assert.equal(finding(seen, '_lastUpdated', '2024-05-18'), 'ne lt le eb');
});

const risk = (probabilityDecimal: unknown) => ({
  ...{ resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal }] },
});

test('numbers have the precision they are written with, comparisons none', () => {
  const table: [number, string, string][] = [
    [100, '100', 'eq ge le'],
    [100.4, '100', 'eq gt ge sa'],
    [99.5, '100', 'eq lt le eb'],
    [100.6, '100', 'ne gt ge sa'],
    [100.4, '100.00', 'ne gt ge sa'],
    [100.004, '100.00', 'eq gt ge sa'],
    [60, '1e2', 'eq lt le eb'],
    [160, '1e2', 'ne gt ge sa'],
    [99.7, '1.00e2', 'eq lt le eb'],
    [0.0054, '5.4e-3', 'eq ge le'],
    [-5, '-5.0', 'eq ge le'],
    [-5.04, '-5.0', 'eq lt le eb'],
    [0, '0', 'eq ge le'],
  ];
  for (const [stored, asked, expected] of table) {
    assert.equal(finding(risk(stored), 'probability', asked), expected, `${stored} ${asked}`);
  }
  assert.ok(finds(risk(108), 'probability', 'ap100') && !finds(risk(111), 'probability', 'ap100'));
});

const ucum = 'http://unitsofmeasure.org';
const amount = (value: number, more: object) => ({
  ...{ resourceType: 'Observation', valueQuantity: { value, ...more } },
});

test('quantities are found in any unit of their dimension, with their precision', () => {
  const grams = amount(5, { system: ucum, code: 'g', unit: 'gram' });
  for (const asked of [`5|${ucum}|g`, `5000|${ucum}|mg`, `5e3|${ucum}|mg`, `0.005|${ucum}|kg`]) {
    assert.equal(finding(grams, 'value-quantity', asked), 'eq ge le', asked);
  }
  assert.equal(finding(grams, 'value-quantity', `5001|${ucum}|mg`), 'ne lt le eb');
  assert.equal(finding(grams, 'value-quantity', `4|${ucum}|mL`), '');
  assert.ok(finds(grams, 'value-quantity', `ap5400|${ucum}|mg`));
  assert.ok(finds(grams, 'value-quantity', '5||g') && finds(grams, 'value-quantity', '5||gram'));
  assert.ok(!finds(grams, 'value-quantity', '5000||mg') && finds(grams, 'value-quantity', '5'));
  assert.ok(finds(grams, 'value-quantity', `5|${ucum}|`));
  const fever = amount(102.2, { system: ucum, code: '[degF]' });
  assert.ok(finds(fever, 'value-quantity', `39.0|${ucum}|Cel`));
  assert.ok(finds(fever, 'value-quantity', `gt38|${ucum}|Cel`));
  const score = amount(5, { system: ucum, code: '{score}' });
  assert.equal(finding(score, 'value-quantity', `5|${ucum}|{score}`), 'eq ge le');
  assert.equal(finding(score, 'value-quantity', `500|${ucum}|%`), '');
  const local = amount(5, { system: 'urn:units', code: 'g' });
  assert.equal(finding(local, 'value-quantity', `5000|${ucum}|mg`), '');
  const less = amount(5, { system: ucum, code: 'g', comparator: '<' });
  assert.equal(finding(less, 'value-quantity', `3000|${ucum}|mg`), 'ne gt lt ge le');
});
