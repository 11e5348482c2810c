import { int2Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { CanonicalIndex } from '../../../standards/fhir/package/canonical-index.ts';
import { countsOf } from '../count.ts';
import { livingKeys } from '../living-key.ts';
import { openResource } from '../render.ts';
import type { Store } from '../store.ts';
import { type StoredRow, storedColumns, storedFrom } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { canonicalOf, type DefinitionFile, definitionTypes, packed } from './definition-file.ts';

/** Definitions of one tenant that are read: more than the largest guides together. */
const mostDefinitions = 20_000;
/** Bytes of them as kept, compressed: about 200 MiB of JSON. */
const mostBytes = 16 * 1024 * 1024;
/** Rows opened in one go; the next request's turn comes in between. */
const ROWS = 50;

type Kept = { version: number; file: DefinitionFile | undefined };

/** What a tenant has stored of definitions, as of one edition. */
export type OwnDefinitions = {
  readonly edition: number;
  readonly rows: ReadonlyMap<bigint, Kept>;
  readonly index: CanonicalIndex<DefinitionFile>;
  readonly bytes: number;
  /** Definitions beyond the bound, which are not read. */
  readonly unread: number;
};

export const noDefinitions: OwnDefinitions = {
  ...{ edition: 0, rows: new Map(), index: new CanonicalIndex(), bytes: 0, unread: 0 },
};

type Reading = Pick<Store, 'database' | 'phi'>;

/**
 * Rises with every version written of such a type, in that version's own transaction: the number of
 * versions there are.
 */
async function editionOf(tx: Transaction): Promise<number> {
  const counts = await countsOf(tx, definitionTypes);
  return [...counts.values()].reduce((sum, { versions }) => sum + versions, 0);
}

/** As they are now; what is known and unchanged is not read again. */
export async function readOwn(
  store: Reading,
  tenant: number,
  known: OwnDefinitions,
): Promise<OwnDefinitions> {
  const { database } = store;
  const numbers = definitionTypes.map(typeNumber);
  const now = await database.transaction(tenant, async (tx) => {
    const edition = await editionOf(tx);
    if (edition === known.edition) return undefined;
    const rows = await tx.rows<{ row: bigint; version: number }>(
      sql`select r.row, r.version from records.resource r
           where r.type = any(${int2Array(numbers)}::int2[]) and not r.deleted
           order by r.row limit ${mostDefinitions + 1}`,
    );
    return { edition, rows };
  });
  if (now === undefined) return known;
  const read = new Map<bigint, Kept>();
  let bytes = 0;
  let unread = 0;
  for (let from = 0; from < now.rows.length; from += ROWS) {
    const block = now.rows.slice(from, from + ROWS);
    const wanted = block.filter(({ row, version }) => known.rows.get(row)?.version !== version);
    const fresh = bytes > mostBytes ? undefined : await opened(store, tenant, wanted);
    for (const { row, version } of block) {
      const kept = fresh?.get(row) ?? known.rows.get(row);
      if (bytes > mostBytes || read.size >= mostDefinitions) unread += 1;
      else if (kept !== undefined) read.set(row, { ...kept, version });
      bytes += kept?.file?.size ?? 0;
    }
  }
  const index = new CanonicalIndex<DefinitionFile>();
  for (const { file } of read.values()) if (file !== undefined) index.add(file.canonical, file);
  return { edition: now.edition, rows: read, index, bytes, unread };
}

async function opened(
  store: Reading,
  tenant: number,
  wanted: readonly { row: bigint }[],
): Promise<Map<bigint, Kept>> {
  if (wanted.length === 0) return new Map();
  return store.database.transaction(tenant, async (tx) => {
    const numbers = definitionTypes.map(typeNumber);
    const rows = await tx.rows<StoredRow>(
      sql`select ${storedColumns} from records.resource r
           where r.type = any(${int2Array(numbers)}::int2[])
             and r.row = any(${int8Array(wanted.map(({ row }) => row))}::int8[])`,
    );
    const subjects = rows.map(({ subject }) => subject);
    const keys = await livingKeys(store, tx, subjects);
    return new Map(
      rows.map((row) => {
        const { version } = row;
        const key = row.deleted ? undefined : keys(row.subject);
        if (key === undefined) return [row.row, { version, file: undefined }];
        return [row.row, { version, file: fileOf(openResource(key, storedFrom(row))) }];
      }),
    );
  });
}

function fileOf(resource: ReturnType<typeof openResource>): Kept['file'] {
  const canonical = canonicalOf(resource);
  return canonical === undefined ? undefined : packed(resource, canonical);
}
