import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type {
  PackedArrays,
  PackedHeader,
  PackedSystem,
} from '../../standards/fhir/terminology/packed-system.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Bytes of an array in one row, before deflating: what one statement may carry without harm. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** No tenant's rows are touched. */
const NO_TENANT = 0;

/** A loaded edition before its arrays are read. `bytes`: what they take in memory. */
export type Edition = { edition: number; system: string; header: PackedHeader; bytes: number };

/** Bytes of the arrays, by name; little-endian, as is every machine we run on. */
type Blocks = Record<string, Uint8Array>;

export function bytesOf(packed: PackedSystem): number {
  return Object.values(blocksOf(packed.arrays)).reduce((sum, one) => sum + one.byteLength, 0);
}

/** Puts an edition in place of the one before it, all or nothing. */
export async function storeEdition(database: Database, packed: PackedSystem): Promise<void> {
  const pieces: { name: string; number: number; bytes: Buffer }[] = [];
  for (const [name, block] of Object.entries(blocksOf(packed.arrays))) {
    for (let from = 0, number = 0; from < block.byteLength; from += PIECE_BYTES, number += 1) {
      const bytes = await deflate(block.subarray(from, from + PIECE_BYTES), { level: 3 });
      pieces.push({ name, number, bytes });
    }
  }
  const { header } = packed;
  await database.transaction(NO_TENANT, async (tx) => {
    await tx.run(sql`delete from terminology.edition where system = ${header.url}`);
    const row = await tx.row<{ edition: number }>(
      sql`insert into terminology.edition (system, header, bytes)
          values (${header.url}, ${JSON.stringify(header)}, ${bytesOf(packed)})
          returning edition`,
    );
    for (const { name, number, bytes } of pieces) {
      await tx.run(
        sql`insert into terminology.piece (edition, array_name, number, bytes)
            values (${row?.edition}, ${name}, ${number}, ${bytes})`,
      );
    }
  });
}

/** What is loaded; a few rows. */
export async function editions(database: Database): Promise<Edition[]> {
  const rows = await database.transaction(NO_TENANT, (tx) =>
    tx.rows<{ edition: number; system: string; header: string; bytes: bigint }>(
      sql`select edition, system, header, bytes from terminology.edition order by edition`,
    ),
  );
  return rows.map((row) => ({
    ...row,
    header: JSON.parse(row.header) as PackedHeader,
    bytes: Number(row.bytes),
  }));
}

/** The arrays of an edition. undefined: another one has taken its place meanwhile. */
export async function readEdition(
  database: Database,
  { edition, header }: Edition,
): Promise<PackedSystem | undefined> {
  return database.transaction(NO_TENANT, async (tx) => {
    const names = await tx.rows<{ name: string }>(
      sql`select distinct array_name as name from terminology.piece where edition = ${edition}`,
    );
    if (names.length === 0 && header.size > 0) return undefined;
    const blocks: Blocks = {};
    for (const { name } of names) blocks[name] = await readBlock(tx, edition, name);
    return { header, arrays: arraysOf(blocks) };
  });
}

async function readBlock(tx: Transaction, edition: number, name: string): Promise<Uint8Array> {
  const rows = await tx.rows<{ bytes: Buffer }>(
    sql`select bytes from terminology.piece
         where edition = ${edition} and array_name = ${name} order by number`,
  );
  const pieces = await Promise.all(rows.map(({ bytes }) => inflate(bytes)));
  // A buffer of its own, so that arrays of wider numbers may begin at its start.
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function blocksOf(arrays: PackedArrays): Blocks {
  const blocks: Blocks = {};
  for (const [name, value] of Object.entries(arrays)) {
    if (ArrayBuffer.isView(value)) blocks[name] = raw(value);
    else {
      blocks[`${name}.bytes`] = raw(value.bytes);
      blocks[`${name}.ends`] = raw(value.ends);
    }
  }
  return blocks;
}

function raw({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function arraysOf(blocks: Blocks): PackedArrays {
  // An array without a row is one without an element.
  const block = (name: string) => blocks[name] ?? new Uint8Array();
  const words = (name: string) => {
    const { buffer, byteLength } = block(name);
    return new Uint32Array(buffer, 0, byteLength / 4);
  };
  const texts = (name: string) => ({
    bytes: Buffer.from(block(`${name}.bytes`).buffer),
    ends: words(`${name}.ends`),
  });
  const codes = block('propertyCodes');
  return {
    codes: texts('codes'),
    flags: block('flags'),
    terms: texts('terms'),
    termStarts: words('termStarts'),
    termKinds: block('termKinds'),
    parents: words('parents'),
    parentStarts: words('parentStarts'),
    propertyCodes: new Uint16Array(codes.buffer, 0, codes.byteLength / 2),
    propertyValues: words('propertyValues'),
    propertyStarts: words('propertyStarts'),
    values: texts('values'),
  };
}
