import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { extractIndex } from '../../standards/fhir/search/extract.ts';
import { population } from '../../standards/population/index.ts';
import { rangeKey, selfName, systemName, unitName, urlName, valueName } from './blind-name.ts';
import { compareRows, emptyRows, type IndexRows, indexRows, MOST_ROWS } from './index-rows.ts';
import { parameterNumber } from './parameter-number.ts';

const hash = (domain: string, value: string) =>
  createHmac('sha256', 'golden').update(`${domain}\0${value}`).digest().readBigInt64BE(0) || 1n;

function rowsOf(resource: { resourceType: string } & Record<string, unknown>): IndexRows {
  return indexRows(hash, resource.resourceType, extractIndex(resource));
}

const tables = ['tokens', 'references', 'periods', 'quantities'] as const;
const texts = (rows: IndexRows) =>
  tables
    .flatMap((table) => rows[table].map((row) => `${table} ${Object.values(row).join()}`))
    .sort();

test('what was gone and what has come make the one version’s rows the other’s', () => {
  const all = [...population({ seed: 5, patients: 2 })].flatMap(({ resources }) => resources);
  const byType = Object.groupBy(all, ({ resourceType }) => resourceType);
  for (const [first, second] of Object.values(byType).map((some) => some ?? [])) {
    if (first === undefined || second === undefined) continue;
    const [before, after] = [rowsOf(first), rowsOf(second)];
    const { gone, come } = compareRows(before, after);
    const left = texts(before).filter((text) => !texts(gone).includes(text));
    assert.deepEqual([...left, ...texts(come)].sort(), texts(after));
    assert.equal(new Set([...left, ...texts(come)]).size, texts(after).length, 'none is doubled');
  }
});

test('nothing goes or comes where nothing changed, and all of it from nothing', () => {
  const rows = rowsOf({ resourceType: 'Patient', name: [{ family: 'Ann' }], birthDate: '1970' });
  const same = compareRows(rows, rows);
  assert.deepEqual([texts(same.gone), texts(same.come)], [[], []]);
  assert.deepEqual(texts(compareRows(emptyRows(), rows).come), texts(rows));
  assert.deepEqual(texts(compareRows(rows, emptyRows()).gone), texts(rows));
});

test('a value said twice is one row', () => {
  const once = rowsOf({ resourceType: 'Patient', name: [{ family: 'Ann' }] });
  const twice = rowsOf({ resourceType: 'Patient', name: [{ family: 'Ann' }, { family: 'Ann' }] });
  assert.deepEqual(texts(twice), texts(once));
});

test('no row holds a value: two tenants’ hashes of one record share nothing but times', () => {
  const other = (domain: string, value: string) => hash(`other ${domain}`, value);
  const resource = {
    ...{ resourceType: 'Patient', name: [{ family: 'Ann' }], birthDate: '1970-05-12' },
    identifier: [{ system: 'urn:mrn', value: '7' }],
  };
  const rows = rowsOf(resource);
  const theirs = new Set(
    indexRows(other, 'Patient', extractIndex(resource)).tokens.map((row) => row.hash),
  );
  assert.ok(rows.tokens.length > 5);
  assert.ok(rows.tokens.every((row) => !theirs.has(row.hash)));
});

test('names in the rows are what they always were: stored rows are found by them', () => {
  assert.equal(selfName(hash, 'Patient', 'ann'), 5022125648221583615n);
  assert.equal(urlName(hash, 'http://x.test/a'), 108684098217293540n);
  assert.equal(valueName(hash, 'Patient', 'family', '^win'), 1859929175588774147n);
  assert.equal(rangeKey(hash, 'Observation', 'date', ''), 1733604381560930304n);
  const composite = 'component-code-value-quantity';
  assert.equal(rangeKey(hash, 'Observation', composite, 'urn:c|x'), 1732389304008828026n);
  assert.equal(systemName(hash, 'http://loinc.org'), -369738029);
  assert.equal(systemName(hash, ''), 0);
  assert.equal(unitName(hash, 'http://unitsofmeasure.org', 'mg'), 241095864);
});

test('parameters keep their numbers', () => {
  const golden = [
    ['Account', 'identifier', 68],
    ['Condition', 'code', 1803],
    ['Encounter', 'date', 2824],
    ['Observation', 'subject', 6174],
    ['Observation', 'subject:identifier', 22_558],
    ['Patient', 'family', 6607],
    ['Patient', 'identifier:of-type', 22_995],
    ['VisionPrescription', 'status', 9353],
  ] as const;
  for (const [type, param, number] of golden) {
    assert.equal(parameterNumber(type, param), number, `${type}.${param}`);
  }
  assert.throws(() => parameterNumber('Patient', 'colour'), /without a number/);
});

test('a resource that would have more rows than a store keeps is refused, one of as many is not', () => {
  const list = (entries: number) => ({
    resourceType: 'List',
    entry: Array.from({ length: entries }, (_, at) => ({
      item: { reference: `Patient/${at}` },
    })),
  });
  const values = extractIndex(list(40));
  assert.equal(indexRows(hash, 'List', values, 40).references.length, 40);
  assert.throws(() => indexRows(hash, 'List', values, 39), { name: 'Problem' });
  const all = extractIndex(list(MOST_ROWS + 1));
  assert.throws(() => indexRows(hash, 'List', all, MOST_ROWS), { name: 'Problem' });
});
