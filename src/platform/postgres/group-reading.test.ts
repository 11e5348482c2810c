import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { kinds, refuse } from '../problem.ts';
import type { Transaction } from './database.ts';
import { type GroupReading, openGroupReading } from './group-reading.ts';
import { sql } from './sql.ts';

let t: TestDatabase;
let reading: GroupReading;
const begunAgain: string[] = [];

before(async () => {
  t = await testDatabase([], 'alone');
  reading = openGroupReading(t.database, (because) => begunAgain.push(because));
});
after(() => t.close());

async function place(tx: Transaction): Promise<string> {
  const row = await tx.row<{ pid: number; at: string }>(
    sql`select pg_backend_pid() as pid, transaction_timestamp()::text as at`,
  );
  return `${row?.pid} ${row?.at}`;
}

test('reads that arrive together share a transaction, later ones another', async () => {
  const together = await Promise.all(Array.from({ length: 8 }, () => reading.read(1, 'a', place)));
  assert.equal(new Set(together).size, 1);
  assert.notEqual(await reading.read(1, 'a', place), together[0]);
});

test('tenants never share one', async () => {
  const tenant = (tx: Transaction) =>
    tx.row<{ tenant: string }>(sql`select current_setting('app.tenant') as tenant`);
  const seen = await Promise.all([1, 2, 1, 2].map((one) => reading.read(one, 'a', tenant)));
  assert.deepEqual(
    seen.map((row) => row?.tenant),
    ['1', '2', '1', '2'],
  );
});

test('one that fails is told its own fault, and its neighbours have their answers', async () => {
  const broken = (tx: Transaction) => tx.row(sql`select 1 / 0`);
  const one = (tx: Transaction) => tx.row<{ n: number }>(sql`select 1 as n`);
  const all = await Promise.allSettled([
    reading.read(1, 'a', one),
    reading.read(1, 'b', broken),
    reading.read(1, 'a', one),
  ]);
  assert.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.match(String((all[1] as PromiseRejectedResult).reason), /division by zero/);
});

test('a refusal is passed on at once and the work is not done twice', async () => {
  let calls = 0;
  const refusing = async () => {
    calls += 1;
    return refuse(kinds.badRequest, 'no');
  };
  const one = (tx: Transaction) => tx.row<{ n: number }>(sql`select 1 as n`);
  const [refused] = await Promise.allSettled([
    reading.read(1, 'a', refusing),
    reading.read(1, 'a', one),
  ]);
  assert.equal(refused?.status, 'rejected');
  assert.equal(calls, 1);
});

test('one that takes long goes alone, then and from then on', async () => {
  let calls = 0;
  const slow = async (tx: Transaction) => {
    calls += 1;
    await tx.run(sql`select pg_sleep(0.4)`);
    return calls;
  };
  const quick = (tx: Transaction) => tx.row<{ n: number }>(sql`select 1 as n`);
  const [first, neighbour] = await Promise.all([
    reading.read(1, 'slow', slow),
    reading.read(1, 'quick', quick),
  ]);
  assert.equal(first, 2);
  assert.ok(begunAgain.includes('slow'));
  assert.equal(neighbour?.n, 1);
  await Promise.all([reading.read(1, 'slow', slow), reading.read(1, 'quick', quick)]);
  assert.equal(calls, 3);
});

test('without a connection every one is refused, none waits for ever', async () => {
  const lost = openGroupReading(
    {
      ...t.database,
      transaction: () => Promise.reject(new Error('no connection')),
    },
    () => undefined,
  );
  const all = await Promise.allSettled([lost.read(1, 'a', place), lost.read(1, 'a', place)]);
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});
