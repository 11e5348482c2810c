import { basename } from 'node:path';
import type { PackedSystem } from '../../../standards/fhir/terminology/packed-system.ts';
import { SystemBuilder } from '../../../standards/fhir/terminology/system-builder.ts';
import type { Say } from './load.ts';
import { fileNamed, type NamedRow, namedRows } from './release-file.ts';

const url = 'http://loinc.org';

export const loincFile = (path: string): boolean => basename(path) === 'Loinc.csv';

/** R4 loinc.html: the properties a value set may filter by. */
const properties = [
  ...['COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS'],
  ...['STATUS', 'CLASSTYPE', 'ORDER_OBS', 'CONSUMER_NAME', 'ASK_AT_ORDER_ENTRY'],
];
/** Columns every release since 2.50 has. */
const needed = [
  ...['LOINC_NUM', 'COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP'],
  ...['CLASS', 'STATUS', 'LONG_COMMON_NAME', 'SHORTNAME', 'VersionLastChanged'],
];

/**
 * LOINC from its tables: Loinc.csv, and if there the hierarchy of components and the parts in it.
 */
export async function readLoinc(
  files: readonly string[],
  version: string | undefined,
  say: Say,
): Promise<PackedSystem> {
  const builder = new SystemBuilder({ url, name: 'LOINC', caseSensitive: false });
  let newest = '';
  const table = fileNamed(files, /^Loinc\.csv$/) ?? '';
  for await (const row of namedRows(table, needed)) {
    readTerm(builder, row);
    const changed = row.field('VersionLastChanged');
    if (later(changed, newest)) newest = changed;
  }
  say(`${builder.size} terms of LOINC`);
  const hierarchy = fileNamed(files, /^(ComponentHierarchyBySystem|MultiAxialHierarchy)\.csv$/);
  if (hierarchy !== undefined) {
    await readHierarchy(builder, hierarchy);
    say('The hierarchy is read');
  }
  return builder.pack(version ?? newest);
}

function readTerm(builder: SystemBuilder, row: NamedRow): void {
  const code = row.field('LOINC_NUM');
  if (!/^[A-Z0-9]+-\d$/.test(code)) row.fault('LOINC_NUM is no LOINC code');
  const concept = builder.concept(code);
  builder.display(concept, row.field('LONG_COMMON_NAME'));
  const short = row.field('SHORTNAME');
  if (short !== '') builder.designation(concept, { language: 'en', use: use('SHORTNAME') }, short);
  for (const name of properties) {
    const text = row.field(name);
    if (text !== '') builder.property(concept, { code: name, type: 'String' }, text);
  }
  if (row.field('STATUS') === 'DEPRECATED') builder.inactive(concept);
}

const use = (code: string) => ({ system: url, code });

/** IMMEDIATE_PARENT, CODE, CODE_TEXT: LP… parts above the terms. */
async function readHierarchy(builder: SystemBuilder, path: string): Promise<void> {
  const columns = ['IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'];
  for await (const row of namedRows(path, columns)) {
    const code = row.field('CODE');
    if (code === '') row.fault('CODE is empty');
    const concept = builder.concept(code);
    if (!builder.hasDisplay(concept)) builder.display(concept, row.field('CODE_TEXT'));
    const parent = row.field('IMMEDIATE_PARENT');
    if (parent !== '') builder.parent(concept, builder.concept(parent));
  }
}

/** 2.9 is before 2.77. */
function later(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}
