import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { byteaArray, float8Array, int4Array, int8Array, textArray } from './binary-array.ts';
import { sql } from './sql.ts';

let t: TestDatabase;
before(async () => {
  t = await testDatabase([]);
});
after(() => t.close());

test('statements run as the bound role and see their tenant', async () => {
  const row = await t.database.transaction(7, (tx) =>
    tx.row<{ role: string; tenant: string }>(
      sql`select current_user as role, current_setting('app.tenant') as tenant`,
    ),
  );
  assert.deepEqual(row, { role: 'medconnect', tenant: '7' });
});

test('arrays travel in binary and come out as they went in', async () => {
  const rows = await t.database.transaction(1, (tx) =>
    tx.rows(sql`select * from unnest(
      ${int8Array([1n, -(2n ** 63n)])}::int8[], ${int4Array([5, -5])}::int4[],
      ${float8Array([0.1, Number.POSITIVE_INFINITY])}::float8[],
      ${textArray(['é', null])}::text[], ${byteaArray([Buffer.from([0, 255]), null])}::bytea[]
    ) as u(a, b, c, d, e)`),
  );
  assert.deepEqual(rows, [
    { a: 1n, b: 5, c: 0.1, d: 'é', e: Buffer.from([0, 255]) },
    { a: -(2n ** 63n), b: -5, c: Number.POSITIVE_INFINITY, d: null, e: null },
  ]);
});

test('a failed statement undoes the transaction, awaited or not', async () => {
  await t.database.transaction(1, (tx) => tx.run(sql`create table platform.probe (a int)`));
  const insert = sql`insert into platform.probe values (1)`;
  await assert.rejects(
    t.database.transaction(1, (tx) => Promise.all([tx.run(insert), tx.run(sql`select 1/0`)])),
    { code: '22012' },
  );
  await assert.rejects(
    t.database.transaction(1, async (tx) => {
      tx.run(insert).catch(() => undefined);
      tx.run(sql`select 1/0`).catch(() => undefined);
    }),
    /rolled back/,
  );
  const rows = await t.database.transaction(1, (tx) => tx.rows(sql`select * from platform.probe`));
  assert.deepEqual(rows, []);
});
