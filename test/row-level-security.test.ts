import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { sql } from '../src/platform/postgres/sql.ts';
import { migrationFolders } from '../src/store.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import {
  definerFunctions,
  indexCount,
  leakyOperators,
  tenantFaults,
  tenantTables,
} from './guard/tenant-table.ts';

let t: TestDatabase;
let superuser: pg.Client;
let tables: string[] = [];
before(async () => {
  t = await testDatabase(await migrationFolders());
  superuser = new pg.Client({ connectionString: t.url });
  await superuser.connect();
  tables = await tenantTables(superuser);
  for (const table of tables) await plant(table);
});
after(async () => {
  await superuser.end();
  await t.close();
});

/** A row of tenant 1 with any value in the columns that need one, past foreign keys. */
async function plant(table: string): Promise<void> {
  const { columns, values } = await anyRow(table);
  await superuser.query('set session_replication_role = replica');
  await superuser.query(`insert into ${table} (${columns}) values (${values})`);
  await superuser.query('reset session_replication_role');
}

/** Columns a check constraint asks for though they may be null. */
const asked: Readonly<Record<string, readonly string[]>> = {
  'phi.subject_key': ['wrapped'],
  'identity.session': ['account'],
};

async function anyRow(table: string): Promise<{ columns: string; values: string }> {
  const { rows } = await superuser.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type
       from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped
        and ((attnotnull and not atthasdef and attidentity = '') or attname = any($2))`,
    [table, asked[table] ?? []],
  );
  const values = rows.map(({ name, type }) => (name === 'tenant' ? '1' : anyValue(type)));
  return { columns: rows.map(({ name }) => name).join(', '), values: values.join(', ') };
}

function anyValue(type: string): string {
  if (/^(smallint|integer|bigint|double precision)$/.test(type)) return '1';
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type === 'boolean') return 'false';
  if (type === 'bytea') return `'\\x01'`;
  if (type.startsWith('timestamp')) return 'now()';
  return type.endsWith('[]') ? `'{}'` : `'x'`;
}

const text = (statement: string) => ({ ...sql``, text: statement });

/** Runs as the program does and tells PostgreSQL's code, or the rows it reached. */
async function outcome(tenant: number, statement: string): Promise<string | number> {
  return t.database.transaction(tenant, (tx) => tx.run(text(statement))).catch(codeOf);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}

test('every table is bound to its tenant, or says why it is not', async () => {
  assert.deepEqual(await tenantFaults(superuser), []);
  assert.ok(tables.length >= 15, `only ${tables.length} tables of tenants seen`);
  assert.deepEqual(await definerFunctions(superuser), []);
});

test('the program runs as a role that row-level security binds', async () => {
  const role = await t.database.transaction(1, (tx) =>
    tx.row<{ name: string; free: boolean }>(
      sql`select rolname as name, rolsuper or rolbypassrls or rolreplication as free
            from pg_roles where rolname = current_user`,
    ),
  );
  assert.deepEqual(role, { name: 'medconnect', free: false });
});

test("a tenant's rows are seen by itself and by no other", async () => {
  for (const table of tables) {
    const own = await outcome(1, `select 1 from ${table} where tenant = 1`);
    const foreign = await outcome(2, `select 1 from ${table}`);
    const none = await outcome(0, `select 1 from ${table}`);
    assert.deepEqual([table, own, foreign, none], [table, 1, 0, 0]);
  }
});

test("another tenant's rows cannot be written: not made, changed, taken over or deleted", async () => {
  const refused = '42501';
  for (const table of tables) {
    const { columns, values } = await anyRow(table);
    const made = await outcome(2, `insert into ${table} (${columns}) values (${values})`);
    assert.deepEqual([table, made], [table, refused]);
    // Of the audit's tables not even its own tenant's rows may be changed: refused, too.
    for (const statement of [
      `update ${table} set tenant = 2`,
      `delete from ${table} where tenant = 1`,
    ]) {
      const reached = await outcome(2, statement);
      assert.ok(reached === 0 || reached === refused, `${statement}: ${reached}`);
    }
    const given = await outcome(1, `update ${table} set tenant = 2`);
    assert.deepEqual([table, given], [table, refused]);
  }
});

test('the audit keeps what it has: its own tenant cannot update, delete or truncate it', async () => {
  for (const table of tables.filter((name) => name.startsWith('audit.'))) {
    for (const statement of [
      `update ${table} set tenant = 1`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      assert.deepEqual([statement, await outcome(1, statement)], [statement, '42501']);
    }
  }
});

test('without a tenant nothing is read', async () => {
  const client = new pg.Client({
    connectionString: t.url,
    options: '-c role=medconnect',
  });
  await client.connect();
  try {
    for (const table of tables) {
      const never = await client.query(`select 1 from ${table}`).catch(codeOf);
      assert.deepEqual([table, never], [table, '42704']);
    }
    // A connection that once had a tenant keeps an empty setting, which is no number.
    await client.query(`select set_config('app.tenant', '', false)`);
    for (const table of tables) {
      const no = await client.query(`select 1 from ${table}`).catch(codeOf);
      assert.deepEqual([table, no], [table, '22P02']);
    }
  } finally {
    await client.end();
  }
});

test('row-level security lets every index be used', async () => {
  for (const schema of new Set(tables.map((table) => table.split('.')[0] ?? ''))) {
    assert.ok((await indexCount(superuser, schema)) > 0, schema);
    assert.deepEqual(await leakyOperators(superuser, schema), []);
  }
});

test('the guard names a table that is not bound, and in what', async () => {
  await superuser.query(`
    create schema seeded;
    create table seeded.forgotten (id int4);
    create table seeded.shrugged (id int4);
    comment on table seeded.shrugged is 'not tenant-bound';
    create table seeded.unforced (tenant int4 not null);
    alter table seeded.unforced enable row level security;
    create policy tenant on seeded.unforced
      using (tenant = current_setting('app.tenant')::int4)
      with check (tenant = current_setting('app.tenant')::int4);
    create table seeded.lenient (tenant int4 not null);
    alter table seeded.lenient enable row level security;
    alter table seeded.lenient force row level security;
    create policy tenant on seeded.lenient
      using (tenant = coalesce(nullif(current_setting('app.tenant', true), '')::int4, tenant));
    create view seeded.everybody as select * from records.resource;
    create function seeded.leap() returns int4 language sql security definer as 'select 1';
    create table seeded.found (name text, body jsonb);
    create index found_body on seeded.found using gin (body jsonb_path_ops);
    create index found_name on seeded.found (name text_pattern_ops)`);
  try {
    const faults = await tenantFaults(superuser);
    assert.deepEqual(
      faults.map(({ table, says }) => `${table} ${says}`),
      [
        "seeded.everybody a view reads with its owner's rights",
        "seeded.forgotten has no column tenant; if that is meant, comment 'not tenant-bound: why'",
        "seeded.found has no column tenant; if that is meant, comment 'not tenant-bound: why'",
        "seeded.lenient its 'using' is not the house's form",
        "seeded.lenient its 'with check' is not the house's form",
        'seeded.shrugged its comment gives no reason',
        'seeded.unforced row-level security is not forced: its owner passes',
      ],
    );
    assert.deepEqual(await definerFunctions(superuser), ['seeded.leap']);
    const leaky = new Set((await leakyOperators(superuser, 'seeded')).map(({ table }) => table));
    assert.deepEqual([...leaky], ['seeded.found_body']);
  } finally {
    await superuser.query('drop schema seeded cascade');
  }
});
