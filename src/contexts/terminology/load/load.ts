import { resolve } from 'node:path';
import { Halt } from '../../../platform/halt.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { PackedSystem } from '../../../standards/fhir/terminology/packed-system.ts';
import { bytesOf, storeEdition } from '../edition.ts';
import { MOST_BYTES } from '../large-systems.ts';
import { loincFile, readLoinc } from './loinc.ts';
import { releaseFiles } from './release-file.ts';
import { readRxNorm, rxnormFile } from './rxnorm.ts';
import { readSnomed, snomedFile } from './snomed.ts';

/** One line of how far it is. */
export type Say = (line: string) => void;

export type LoadedSystem = { system: string; version: string; concepts: number; bytes: number };

export type TerminologyLoad = {
  database: Database;
  /** A release's folder, or one of its files. */
  path: string;
  /** Its version, where the files do not tell it or shall be called otherwise. */
  edition: string | undefined;
  say: Say;
};

type Release = {
  isFile(path: string): boolean;
  read(files: readonly string[], edition: string | undefined, say: Say): Promise<PackedSystem>;
};

const releases: readonly Release[] = [
  { isFile: snomedFile, read: readSnomed },
  { isFile: loincFile, read: readLoinc },
  { isFile: rxnormFile, read: readRxNorm },
];

/**
 * Loads every release found at the path, each in place of the edition there was. Throws Halt with
 * file and line for what is not as its publisher writes it; then nothing has changed.
 */
export async function loadTerminology(load: TerminologyLoad): Promise<LoadedSystem[]> {
  const { database, edition, say } = load;
  const path = resolve(load.path);
  const files = await releaseFiles(path);
  const found = releases.filter(({ isFile }) => files.some(isFile));
  if (found.length === 0) {
    throw new Halt(
      `${load.path} holds no release that is known: SNOMED CT (sct2_Concept_Snapshot_….txt), ` +
        'LOINC (Loinc.csv), RxNorm (RXNCONSO.RRF). An archive is to be unpacked first.',
    );
  }
  const loaded: LoadedSystem[] = [];
  for (const { read } of found) {
    const packed = await read(files, edition, say);
    const bytes = bytesOf(packed);
    const { url: system, version, size: concepts } = packed.header;
    if (concepts === 0) throw new Halt(`There is no concept of ${system} in these files.`);
    if (bytes > MOST_BYTES) throw new Halt(`${system} takes more than ${MOST_BYTES} bytes.`);
    await storeEdition(database, packed);
    loaded.push({ system, version, concepts, bytes });
  }
  return loaded;
}
