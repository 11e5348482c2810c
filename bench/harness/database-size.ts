import pg from 'pg';

/** Bytes of one table: its rows with what is stored out of line, and each index. */
export type TableSize = { schema: string; table: string; part: string; bytes: number };

/** As it lies on the disk when vacuumed and written out; `full`: without any free space. */
export async function databaseSizes(url: string, full = false): Promise<TableSize[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(full ? 'vacuum full' : 'vacuum analyze');
    await client.query('checkpoint');
    const { rows } = await client.query<TableSize & { bytes: string }>(sizes);
    return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
  } finally {
    await client.end();
  }
}

/** Current records, and superseded versions, of every tenant. */
export async function recordCounts(url: string): Promise<{ records: number; versions: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ records: string; versions: string }>(
      `select (select count(*) from records.resource) as records,
         (select count(*) from records.version) as versions`,
    );
    return { records: Number(rows[0]?.records), versions: Number(rows[0]?.versions) };
  } finally {
    await client.end();
  }
}

const sizes = `
select n.nspname as schema, c.relname as table, 'rows' as part, pg_table_size(c.oid) as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname in ('records', 'phi', 'audit', 'identity')
union all
select n.nspname, c.relname, i.relname, pg_relation_size(i.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
 where c.relkind = 'r' and n.nspname in ('records', 'phi', 'audit', 'identity')
 order by bytes desc`;
