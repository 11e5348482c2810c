import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { CodeSystem } from '../../standards/fhir/terminology/code-system.ts';
import { packedSystem } from '../../standards/fhir/terminology/packed-system.ts';
import { type Edition, editions, readEdition } from './edition.ts';

/** The large code systems of this installation, in memory. */
export type LargeSystems = {
  /** A version may leave its date out: SNOMED CT's edition without /version/…. */
  find(url: string, version: string | undefined): CodeSystem | undefined;
  /** Rises when what is in memory has changed. */
  edition(): number;
  /** To be awaited once, before the first question; undefined: nothing to wait for. */
  ready(): Promise<void> | undefined;
};

/** Milliseconds until a newly loaded edition is seen: it is a matter of months. */
const LOOK_MS = 5_000;
/** Bytes of arrays in memory: SNOMED CT, LOINC and RxNorm together take about 500 MB. */
export const MOST_BYTES = 2 * 1024 * 1024 * 1024;

type Held = { edition: number; bytes: number; system: CodeSystem };

/**
 * Reads the arrays when they are first asked for, and new editions when they come. A database that
 * does not answer leaves what is there in place; only the first reading fails with it.
 */
export function openLargeSystems(
  database: Database,
  log: Log,
  clock = () => performance.now(),
): LargeSystems {
  let held = new Map<string, Held>();
  let changes = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let first = true;

  async function look(): Promise<void> {
    const listed = await editions(database);
    const next = new Map<string, Held>();
    let bytes = 0;
    for (const one of listed) {
      bytes += one.bytes;
      if (bytes > MOST_BYTES) {
        log.warn({ system: one.system, bytes }, 'a code system does not fit into memory');
        continue;
      }
      const known = held.get(one.system);
      const kept = known?.edition === one.edition ? known : await read(one);
      if (kept !== undefined) next.set(one.system, kept);
    }
    const same =
      next.size === held.size &&
      [...next].every(([system, { edition }]) => held.get(system)?.edition === edition);
    held = next;
    if (!same) changes += 1;
  }

  async function read(one: Edition): Promise<Held | undefined> {
    const packed = await readEdition(database, one);
    // Overtaken by a newer edition: the next look finds that one.
    if (packed === undefined) return held.get(one.system);
    const { system, header, edition, bytes } = one;
    log.info({ system, version: header.version, concepts: header.size }, 'code system in memory');
    return { edition, bytes, system: packedSystem(packed) };
  }

  function begin(): Promise<void> {
    looking ??= look()
      .then(() => {
        first = false;
      })
      .finally(() => {
        looking = undefined;
        lookedAt = clock();
      });
    return looking;
  }

  return {
    find: (url, version) => fitting(held.get(url)?.system, version),
    edition: () => changes,
    ready() {
      if (first) return begin();
      if (clock() - lookedAt > LOOK_MS && looking === undefined) {
        begin().catch((err: unknown) =>
          log.warn({ err }, 'editions of code systems were not seen'),
        );
      }
      return undefined;
    },
  };
}

function fitting(system: CodeSystem | undefined, version: string | undefined) {
  const own = system?.version;
  const fits = version === undefined || own === version || own?.startsWith(`${version}/`);
  return fits === true ? system : undefined;
}
