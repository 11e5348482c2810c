import { basename } from 'node:path';
import { Halt } from '../../../platform/halt.ts';
import type { PackedSystem } from '../../../standards/fhir/terminology/packed-system.ts';
import { SystemBuilder } from '../../../standards/fhir/terminology/system-builder.ts';
import type { Say } from './load.ts';
import { fileNamed, plainRows } from './release-file.ts';

const url = 'http://snomed.info/sct';
const internationalCore = '900000000000207008';
const fullySpecifiedName = '900000000000003001';
const synonym = '900000000000013009';
const isA = '116680003';
const inferred = '900000000000011006';
const primitive = '900000000000074008';
const preferred = '900000000000548007';
const usEnglish = '900000000000509007';

const concepts = /^x?sct2_Concept_Snapshot_.+\.txt$/;

export const snomedFile = (path: string): boolean => concepts.test(basename(path));

/**
 * SNOMED CT from its Release Format 2, the Snapshot tables (Concept, Description, Relationship and,
 * if there, the language reference sets). Inactive concepts are kept: records hold their codes.
 */
export async function readSnomed(
  files: readonly string[],
  version: string | undefined,
  say: Say,
): Promise<PackedSystem> {
  const builder = new SystemBuilder({ url, name: 'SNOMED CT', caseSensitive: true });
  const conceptFile = needed(fileNamed(files, concepts), 'Concept');
  const relationships = fileNamed(files, /^x?sct2_Relationship_Snapshot_.+\.txt$/);
  const edition = await readConcepts(builder, conceptFile);
  say(`${builder.size} concepts of SNOMED CT`);
  const best = await preferredTerms(files);
  const descriptions = named(files, /^x?sct2_Description_Snapshot.*\.txt$/);
  if (descriptions.length === 0) needed(undefined, 'Description');
  for (const path of descriptions) await readDescriptions(builder, path, best);
  say('Terms are read');
  await readRelationships(builder, needed(relationships, 'Relationship'));
  say('Relationships are read');
  return builder.pack(version ?? edition);
}

const named = (files: readonly string[], name: RegExp) =>
  files.filter((path) => name.test(basename(path)));

function needed(path: string | undefined, table: string): string {
  if (path !== undefined) return path;
  throw new Halt(`A release of SNOMED CT has a table ${table}: sct2_${table}_Snapshot_….txt.`);
}

/** id, effectiveTime, active, moduleId, definitionStatusId. Returns the version's address. */
async function readConcepts(builder: SystemBuilder, path: string): Promise<string> {
  let newest = '';
  let module = internationalCore;
  for await (const row of plainRows(path, '\t', 5)) {
    const [id = '', time = '', active, moduleId = '', definition] = row.fields;
    if (!/^\d{6,18}$/.test(id)) row.fault('the first column is no SNOMED CT identifier');
    if (!/^\d{8}$/.test(time)) row.fault('the second column is no day (YYYYMMDD)');
    if (time > newest) {
      newest = time;
      module = moduleId;
    }
    const concept = builder.concept(id);
    if (active !== '1') builder.inactive(concept);
    builder.property(concept, { code: 'moduleId', type: 'Code' }, moduleId);
    const defined = String(definition !== primitive);
    builder.property(concept, { code: 'sufficientlyDefined', type: 'Boolean' }, defined);
  }
  const international = /_INT_\d{8}\.txt$/.test(path);
  return `${url}/${international ? internationalCore : module}/version/${newest}`;
}

/** Descriptions that are preferred in US English; without such a table the first synonym is. */
async function preferredTerms(files: readonly string[]): Promise<ReadonlySet<string>> {
  const best = new Set<string>();
  const tables = named(files, /^x?der2_cRefset_Language(Snapshot|_Snapshot).*\.txt$/);
  for (const path of tables) {
    for await (const { fields } of plainRows(path, '\t', 7)) {
      const [, , active, , refset, term = '', acceptability] = fields;
      if (active === '1' && refset === usEnglish && acceptability === preferred) best.add(term);
    }
  }
  return best;
}

const kinds: Readonly<Record<string, string>> = {
  [fullySpecifiedName]: 'Fully specified name',
  [synonym]: 'Synonym',
};

/** id, effectiveTime, active, moduleId, conceptId, languageCode, typeId, term, case. */
async function readDescriptions(
  builder: SystemBuilder,
  path: string,
  best: ReadonlySet<string>,
): Promise<void> {
  for await (const row of plainRows(path, '\t', 9)) {
    const [id = '', , active, , conceptId = '', language = '', type = '', term = ''] = row.fields;
    if (active !== '1') continue;
    const concept = builder.find(conceptId);
    if (concept === undefined) return row.fault('it is about a concept that is not in the release');
    const isDisplay = type === synonym && (best.size === 0 || best.has(id));
    if (isDisplay && !builder.hasDisplay(concept)) builder.display(concept, term);
    else {
      const display = kinds[type];
      const use = { system: url, code: type, ...(display && { display }) };
      builder.designation(concept, { language, use }, term);
    }
  }
}

/** id, effectiveTime, active, moduleId, sourceId, destinationId, group, typeId, characteristic. */
async function readRelationships(builder: SystemBuilder, path: string): Promise<void> {
  for await (const row of plainRows(path, '\t', 10)) {
    const [, , active, , source = '', destination = '', , type = '', kind] = row.fields;
    if (active !== '1' || kind !== inferred) continue;
    const from = builder.find(source);
    const to = builder.find(destination);
    if (from === undefined || to === undefined) {
      return row.fault('it is between concepts that are not in the release');
    }
    if (type === isA) builder.parent(from, to);
    else builder.relation(from, type, to);
  }
}
