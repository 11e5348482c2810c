import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asker, type TestRecords, testRecords } from '../../../../test/records.ts';
import { openLog } from '../../../platform/log.ts';
import { openLargeSystems } from '../large-systems.ts';
import { openLayers } from '../layers.ts';
import { loadTerminology } from './load.ts';

let records: TestRecords;
let who: Asker;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terminology-'));
  records = await testRecords();
  who = await records.asker(await records.newTenant('Terms Clinic'), 'nurse');
});
after(async () => {
  await records.close();
  await rm(folder, { recursive: true, force: true });
});

const core = '900000000000207008';
const concept = (id: string, active = '1', time = '20240101') =>
  [id, time, active, core, '900000000000074008'].join('\t');
const term = (id: string, of: string, type: 'F' | 'S', text: string) => {
  const typeId = type === 'F' ? '900000000000003001' : '900000000000013009';
  return [id, '20240101', '1', core, of, 'en', typeId, text, '900000000000448009'].join('\t');
};
const relation = (from: string, to: string, type = '116680003') =>
  ['1', '20240101', '1', core, from, to, '0', type, '900000000000011006', 'x'].join('\t');
const preferred = (term: string) =>
  ['u', '20240101', '1', core, '900000000000509007', term, '900000000000548007'].join('\t');

/** Identifiers of SNOMED CT's form with content made up for this test. */
const [root, organ, heart, valve, old, made] = [
  ...['1000100', '1000200', '1000300', '1000400', '1000500', '1000600'],
] as [string, string, string, string, string, string];

function snomed(extra: string[] = []): Record<string, string[]> {
  return {
    'Snapshot/Terminology/sct2_Concept_Snapshot_INT_20240101.txt': [
      'id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId',
      ...[root, organ, heart, valve, made].map((id) => concept(id)),
      concept(old, '0', '20190101'),
      ...extra,
    ],
    'Snapshot/Terminology/sct2_Description_Snapshot-en_INT_20240101.txt': [
      'id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcase',
      term('11', root, 'F', 'Made-up root (root)'),
      term('12', organ, 'S', 'Organ'),
      term('13', heart, 'S', 'Cardiac organ'),
      term('14', heart, 'S', 'Heart'),
      term('15', heart, 'F', 'Heart (organ)'),
      term('16', valve, 'S', 'Heart valve'),
      term('17', old, 'S', 'Old heart'),
    ],
    'Snapshot/Terminology/sct2_Relationship_Snapshot_INT_20240101.txt': [
      'id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\tgroup\ttypeId\tkind\tmodifier',
      relation(organ, root),
      relation(heart, organ),
      relation(valve, heart),
      relation(made, heart, valve),
    ],
    'Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20240101.txt': [
      'id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId',
      ...['12', '14', '16', '17'].map(preferred),
    ],
  };
}

async function release(name: string, files: Record<string, string[]>): Promise<string> {
  for (const [file, lines] of Object.entries(files)) {
    const path = join(folder, name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${lines.join('\r\n')}\r\n`);
  }
  return join(folder, name);
}

const load = (path: string, edition?: string) =>
  loadTerminology({ database: records.t.database, path, edition, say: () => undefined });

async function ask(path: string, values: Record<string, string>) {
  const answer = await who.get(`/fhir/${path}?${new URLSearchParams(values)}`);
  return { status: answer.status, text: answer.text, body: JSON.parse(answer.text) };
}

const loinc = (rows: string[]) => ({
  'LoincTable/Loinc.csv': [
    '"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS",' +
      '"VersionLastChanged","STATUS","SHORTNAME","LONG_COMMON_NAME"',
    ...rows,
  ],
});
const loincRow = (code: string, cls: string, status: string, name: string) =>
  `"${code}","Made up","MCnc","Pt","Bld","Qn","","${cls}","2.9","${status}","short","${name}"`;

const conso = (id: string, type: string, name: string, suppress = 'N') =>
  [
    id,
    'ENG',
    '',
    '',
    '',
    '',
    '',
    id,
    '',
    '',
    '',
    'RXNORM',
    type,
    id,
    name,
    '',
    suppress,
    '',
    '',
  ].join('|');
const rel = (to: string, from: string, rela: string) =>
  [to, '', 'CUI', 'RO', from, '', 'CUI', rela, '', '', 'RXNORM', '', '', '', '', '', ''].join('|');

test('releases are known by their files, loaded, and answer', async () => {
  const path = await release('all', {
    ...snomed(),
    ...loinc([
      loincRow('9000-1', 'CHEM', 'ACTIVE', 'Made ""up"", of\r\ntwo lines'),
      loincRow('9001-9', 'HEM', 'DEPRECATED', 'Other'),
    ]),
    'ComponentHierarchyBySystem.csv': [
      'PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT',
      ',1,,LP90,Everything',
      'LP90,1,LP90,9000-1,Made up',
    ],
    'RxNorm_full_01022024/rrf/RXNCONSO.RRF': [
      conso('100', 'IN', 'madeupine'),
      conso('100', 'SY', 'made-up-ine'),
      conso('101', 'SCD', 'madeupine 5 MG Oral Tablet'),
      conso('102', 'SCD', 'gone', 'O'),
    ],
    'RxNorm_full_01022024/rrf/RXNREL.RRF': [rel('100', '101', 'has_ingredient')],
    'RxNorm_full_01022024/rrf/RXNSTY.RRF': ['100|T121||Pharmacologic Substance||||'],
  });
  const loaded = await load(path);
  assert.deepEqual(
    loaded.map(({ system, version, concepts }) => [system, version, concepts]),
    [
      ['http://snomed.info/sct', `http://snomed.info/sct/${core}/version/20240101`, 6],
      ['http://loinc.org', '2.9', 3],
      ['http://www.nlm.nih.gov/research/umls/rxnorm', '01022024', 3],
    ],
  );
});

test('SNOMED CT: display, synonyms, hierarchy, value sets of their address alone', async () => {
  const system = 'http://snomed.info/sct';
  const { text } = await ask('CodeSystem/$lookup', { system, code: heart });
  for (const found of ['"Heart"', 'Cardiac organ', 'Heart (organ)', organ, valve]) {
    assert.ok(text.includes(found), `${found} in ${text}`);
  }
  const subsumes = await ask('CodeSystem/$subsumes', { system, codeA: organ, codeB: valve });
  assert.equal(subsumes.body.parameter[0].valueCode, 'subsumes');
  const url = `${system}?fhir_vs=isa/${organ}`;
  const expanded = await ask('ValueSet/$expand', { url });
  assert.equal(expanded.body.expansion.total, 3, expanded.text);
  const found = await ask('ValueSet/$expand', { url, filter: 'cardiac' });
  assert.deepEqual(found.body.expansion.contains, [{ system, code: heart, display: 'Heart' }]);
  const valid = async (code: string) =>
    (await ask('ValueSet/$validate-code', { url, system, code })).body.parameter[0].valueBoolean;
  assert.deepEqual([await valid(valve), await valid(root)], [true, false]);
  const inactive = await ask('CodeSystem/$validate-code', { url: system, code: old });
  assert.deepEqual(
    inactive.body.parameter.map(({ name }: { name: string }) => name),
    [...['result', 'message', 'display']],
  );
  const dated = { url, system, code: valve, systemVersion: `${system}/${core}/version/20990101` };
  assert.equal((await ask('ValueSet/$validate-code', dated)).status, 422);
});

/** The codes a filter of a value set chooses. */
async function chosen(system: string, property: string, value: string): Promise<string[]> {
  const filter = [{ property, op: '=', value }];
  const answer = await who.post('/fhir/ValueSet/$expand', {
    ...{ resourceType: 'ValueSet', status: 'active' },
    compose: { include: [{ system, filter }] },
  });
  const { expansion } = JSON.parse(answer.text);
  return (expansion.contains ?? []).map(({ code }: { code: string }) => code);
}

test('filters by the properties of each system', async () => {
  assert.deepEqual(await chosen('http://snomed.info/sct', valve, heart), [made]);
  assert.deepEqual(await chosen('http://loinc.org', 'CLASS', 'HEM'), ['9001-9']);
  assert.deepEqual(await chosen('http://loinc.org', 'parent', 'LP90'), ['9000-1']);
  const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';
  assert.deepEqual(await chosen(rxnorm, 'TTY', 'SCD'), ['101', '102']);
  assert.deepEqual(await chosen(rxnorm, 'has_ingredient', '100'), ['101']);
  assert.deepEqual(await chosen(rxnorm, 'has_ingredient', 'CUI:100'), ['101']);
  assert.deepEqual(await chosen('http://loinc.org', 'ancestor', 'LP90'), ['9000-1']);
  assert.deepEqual(await chosen(rxnorm, 'STY', 'Pharmacologic Substance'), ['100']);
  const loinc = await ask('CodeSystem/$lookup', { system: 'http://loinc.org', code: '9000-1' });
  assert.ok(loinc.text.includes(JSON.stringify('Made "up", of\ntwo lines')), loinc.text);
});

test('a new edition takes the place of the old one, also in a server that runs', async () => {
  let now = 0;
  const large = openLargeSystems(records.t.database, openLog('silent'), () => now);
  const definitions = { find: () => undefined };
  const terminologyOf = openLayers({ definitionsOf: async () => definitions }, large);
  const sizeNow = async () => (await terminologyOf(1)).codeSystem('http://snomed.info/sct')?.size;
  assert.equal(await sizeNow(), 6);
  const more = await release('newer', snomed([concept('1000700', '1', '20240701')]));
  await load(more);
  assert.equal(await sizeNow(), 6);
  now += 5_001;
  const until = performance.now() + 10_000;
  while ((await sizeNow()) !== 7 && performance.now() < until) await sleep(10);
  const system = large.find('http://snomed.info/sct', undefined);
  assert.equal(await sizeNow(), 7);
  assert.deepEqual([system?.size, system?.version?.slice(-8)], [7, '20240701']);
  assert.ok(large.find('http://snomed.info/sct', `http://snomed.info/sct/${core}`));
  assert.equal(large.find('http://snomed.info/sct', `${system?.version}1`), undefined);
});

test('what is not as its publisher writes it is named by file and line, and changes nothing', async () => {
  const broken: [Record<string, string[]>, RegExp][] = [
    [snomed(['12\t2024']), /sct2_Concept_Snapshot_INT_20240101\.txt:8: 2 columns/],
    [snomed([concept('x')]), /txt:8: the first column is no SNOMED CT identifier/],
    [loinc(['"9000-1","short"']), /Loinc\.csv:2: 2 columns where there are 12/],
    [loinc([loincRow('x', '', '', '')]), /Loinc\.csv:2: LOINC_NUM is no LOINC code/],
    [loinc(['"9000-1']), /Loinc\.csv:2: a quote without its end/],
    [{ 'Loinc.csv': ['LOINC_NUM'] }, /Loinc\.csv:1: there is no column COMPONENT/],
    [{ 'RXNCONSO.RRF': [conso('1', 'IN', 'x')] }, /Add --edition/],
    [{ 'RxNorm_full_01022024/RXNCONSO.RRF': ['1|2'] }, /RXNCONSO\.RRF:1: 2 columns/],
    [{ 'readme.txt': ['hello'] }, /holds no release that is known/],
  ];
  const editions = () => records.behind('select edition from terminology.edition order by 1');
  const before = await editions();
  for (const [at, [files, says]] of broken.entries()) {
    const path = await release(`broken-${at}`, files);
    await assert.rejects(load(path), says);
  }
  await assert.rejects(load(join(folder, 'nowhere')), /is not there/);
  assert.deepEqual(await editions(), before);
});
