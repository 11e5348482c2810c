import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { type CopyReader, openCopyReader } from './copy-out.ts';

let t: TestDatabase;
let reader: CopyReader;
before(async () => {
  t = await testDatabase([]);
  reader = await openCopyReader(t.database.settings, 30_000);
});
after(async () => {
  await reader.close();
  await t.close();
});

const free = { full: () => false, drained: async () => undefined };

test('rows come out as PostgreSQL has them, nulls and empty values apart', async () => {
  const rows: (string | undefined)[][] = [];
  const query = `select * from (values (7::int8, ''::text, 'é', null::bytea), (-1, 'a', '', '\\x00ff'))
    as v (a, b, c, d)`;
  await reader.rows(query, (row) => rows.push(row.map((one) => one?.toString('hex'))), free);
  assert.deepEqual(rows, [
    ['0000000000000007', '', 'c3a9', undefined],
    ['ffffffffffffffff', '61', '', '00ff'],
  ]);
});

test('a query without rows ends, and the connection serves the next', async () => {
  let rows = 0;
  await reader.rows('select 1 where false', () => (rows += 1), free);
  await reader.rows('select 1', () => (rows += 1), free);
  assert.equal(rows, 1);
});

test('who is full is not given much more before it has drained', async () => {
  let held = 0;
  let most = 0;
  let all = 0;
  const take = () => {
    held += 1;
    all += 1;
    most = Math.max(most, held);
  };
  const drained = async () => {
    await new Promise((done) => setTimeout(done, 1));
    held = 0;
  };
  const query = `select n, repeat('x', 1000) from generate_series(1, 20000) n`;
  await reader.rows(query, take, { full: () => held >= 100, drained });
  assert.equal(all, 20_000);
  // 64 KB of the socket are on their way when it is paused.
  assert.ok(most < 400, `${most} rows were held`);
});

test('a failing statement rejects, and a failing taker too', async () => {
  await assert.rejects(
    reader.rows('select 1 / 0', () => undefined, free),
    { code: '22012' },
  );
  const broken = () => {
    throw new Error('cannot take it');
  };
  await assert.rejects(reader.rows('select 1', broken, free), /cannot take it/);
  await reader.rows('select 1', () => undefined, free);
});
