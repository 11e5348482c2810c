import { basename } from 'node:path';
import { Halt } from '../../../platform/halt.ts';
import type { PackedSystem } from '../../../standards/fhir/terminology/packed-system.ts';
import { SystemBuilder } from '../../../standards/fhir/terminology/system-builder.ts';
import type { Say } from './load.ts';
import { fileNamed, plainRows } from './release-file.ts';

const url = 'http://www.nlm.nih.gov/research/umls/rxnorm';

export const rxnormFile = (path: string): boolean => basename(path) === 'RXNCONSO.RRF';

/** Names of a concept, not concepts of their own: synonyms and tall-man spellings. */
const synonyms = new Set(['SY', 'TMSY', 'PSN', 'ET']);
/** Attributes of RXNSAT that are asked for; the rest is about the sources. */
const attributes = /^(NDC|RXN_[A-Z_]+)$/;

/**
 * RxNorm from its Rich Release Format: RXNCONSO, and if there RXNREL (relations, and `isa` as the
 * hierarchy), RXNSAT (NDC, strengths) and RXNSTY (semantic types). Only what RxNorm itself says:
 * the sources it quotes have licenses of their own.
 */
export async function readRxNorm(
  files: readonly string[],
  version: string | undefined,
  say: Say,
): Promise<PackedSystem> {
  const release = version ?? versionIn(files);
  const builder = new SystemBuilder({ url, name: 'RxNorm', caseSensitive: true });
  await readNames(builder, fileNamed(files, /^RXNCONSO\.RRF$/) ?? '');
  say(`${builder.size} concepts of RxNorm`);
  const tables = [
    ['RXNREL.RRF', readRelations],
    ['RXNSAT.RRF', readAttributes],
    ['RXNSTY.RRF', readTypes],
  ] as const;
  for (const [name, read] of tables) {
    const path = fileNamed(files, new RegExp(`^${name.replace('.', '\\.')}$`));
    if (path === undefined) continue;
    await read(builder, path);
    say(`${name} is read`);
  }
  return builder.pack(release);
}

/** No table tells it alone: the folder's name does, RxNorm_full_10072024. */
function versionIn(files: readonly string[]): string {
  for (const path of files) {
    const found = /RxNorm_(?:full|weekly)(?:_prescribe)?_(\d{8})/i.exec(path)?.[1];
    if (found !== undefined) return found;
  }
  throw new Halt('Which edition of RxNorm is this? Add --edition, as 10072024.');
}

/** RXCUI LAT TS LUI STT SUI ISPREF RXAUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF. */
async function readNames(builder: SystemBuilder, path: string): Promise<void> {
  const obsolete = new Set<number>();
  const living = new Set<number>();
  for await (const row of plainRows(path, '|', 18)) {
    const { fields } = row;
    const [id = '', type = '', name = ''] = [fields[0], fields[12], fields[14]];
    if (fields[11] !== 'RXNORM') continue;
    if (!/^\d{1,8}$/.test(id)) row.fault('the first column is no RXCUI');
    const concept = builder.concept(id);
    const suppressed = fields[16] !== 'N';
    (suppressed ? obsolete : living).add(concept);
    if (synonyms.has(type) || (builder.hasDisplay(concept) && suppressed)) {
      builder.designation(concept, { language: 'en', use: { system: url, code: type } }, name);
    } else {
      builder.display(concept, name);
      builder.property(concept, { code: 'TTY', type: 'Code' }, type);
      builder.property(concept, { code: 'SAB', type: 'Code' }, 'RXNORM');
    }
  }
  for (const concept of obsolete) if (!living.has(concept)) builder.inactive(concept);
}

/**
 * RXCUI1 RXAUI1 STYPE1 REL RXCUI2 RXAUI2 STYPE2 RELA RUI SRUI SAB …: RELA is what the second is to
 * the first.
 */
async function readRelations(builder: SystemBuilder, path: string): Promise<void> {
  for await (const { fields } of plainRows(path, '|', 16)) {
    const [to = '', , , rel = '', from = '', , , rela = ''] = fields;
    if (fields[10] !== 'RXNORM' || to === '' || from === '') continue;
    const second = builder.find(from);
    const first = builder.find(to);
    if (first === undefined || second === undefined) continue;
    if (rela === 'isa') builder.parent(second, first);
    else if (rela !== 'inverse_isa') builder.relation(second, rela === '' ? rel : rela, first);
  }
}

/** RXCUI LUI SUI RXAUI STYPE CODE ATUI SATUI ATN ATV SAB SUPPRESS CVF. */
async function readAttributes(builder: SystemBuilder, path: string): Promise<void> {
  for await (const { fields } of plainRows(path, '|', 13)) {
    const [id = '', name = '', value = ''] = [fields[0], fields[8], fields[9]];
    const concept = builder.find(id);
    if (concept === undefined || fields[10] !== 'RXNORM' || !attributes.test(name)) continue;
    builder.property(concept, { code: name, type: 'String' }, value);
  }
}

/** RXCUI TUI STN STY ATUI CVF. */
async function readTypes(builder: SystemBuilder, path: string): Promise<void> {
  for await (const { fields } of plainRows(path, '|', 4)) {
    const concept = builder.find(fields[0] ?? '');
    if (concept !== undefined) {
      builder.property(concept, { code: 'STY', type: 'String' }, fields[3] ?? '');
    }
  }
}
