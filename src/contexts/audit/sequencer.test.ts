import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { callerOf, readOf, type TestAudit, testAudit } from '../../../test/audit.ts';
import { keyAt, keyCount } from './batch.ts';
import { openClusterFloor } from './cluster.ts';
import { takeNext } from './sequence.ts';

let t: TestAudit;
before(async () => {
  t = await testAudit();
  for (const tenant of [1, 2, 3, 4, 5]) await t.newTenant(tenant);
});
after(() => t.close());

/** Identities of the sequenced events, in order. */
async function sequenced(tenant: number): Promise<string[]> {
  const rows = await t.tamper(
    'select events from audit.batch where tenant = $1 order by first_seq',
    [tenant],
  );
  return rows.flatMap(({ events }) => {
    const packed = events as Buffer;
    return Array.from({ length: keyCount(packed) }, (_, index) => {
      const { xid, nth } = keyAt(packed, index);
      return `${xid}-${nth}`;
    });
  });
}

async function committed(tenant: number): Promise<string[]> {
  const rows = await t.tamper(
    `select xid || '-' || nth as id from audit.event where tenant = $1 order by xid, nth`,
    [tenant],
  );
  return rows.map((row) => String(row['id']));
}

const writeOne = (tenant: number, id: string) =>
  t.database.transaction(tenant, (tx) => t.audit.write(tx, [readOf(callerOf(tenant), 8n, id)]));

test('16 writers with sleeps and rollbacks: every committed event is sequenced once', async () => {
  t.audit.start();
  const caller = callerOf(1);
  const writers = Array.from({ length: 16 }, async () => {
    for (let round = 0; round < 8; round += 1) {
      const entries = Array.from({ length: randomInt(1, 4) }, () =>
        readOf(caller, BigInt(randomInt(1, 5)), randomUUID()),
      );
      const work = t.database.transaction(1, async (tx) => {
        await t.audit.write(tx, entries);
        await delay(randomInt(0, 40));
        if (randomInt(4) === 0) throw new Error('rolled back on purpose');
      });
      await work.catch((error: Error) => assert.match(error.message, /on purpose/));
    }
  });
  await Promise.all(writers);
  await t.audit.stop();
  const ids = await committed(1);
  assert.ok(ids.length > 100);
  assert.deepEqual(await sequenced(1), ids);
  const report = await t.audit.integrity(1);
  assert.equal(report.status, 'valid', JSON.stringify(report.first_broken));
  assert.equal(report.checked, ids.length);
  assert.equal(report.unsequenced, 0);
});

test('an event of a transaction that began earlier and commits later is not passed over', async () => {
  const written = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const late = t.database.transaction(2, async (tx) => {
    await t.audit.write(tx, [readOf(callerOf(2), 7n, 'late')]);
    written.resolve();
    await finish.promise;
  });
  await written.promise;
  await writeOne(2, 'early');
  const held = await t.audit.integrity(2);
  const waited = await t.audit.lag(2);
  finish.resolve();
  await late;
  assert.deepEqual([held.checked, held.unsequenced], [0, 1]);
  assert.ok(waited > 0);
  const report = await t.audit.integrity(2);
  assert.deepEqual([report.status, report.checked, report.unsequenced], ['valid', 2, 0]);
  assert.deepEqual(await sequenced(2), await committed(2));
  assert.equal(await t.audit.lag(2), 0);
});

test('a sequencer killed half way loses nothing and repeats nothing', async () => {
  for (let n = 0; n < 3; n += 1) await writeOne(3, `o${n}`);
  const floor = openClusterFloor();
  const killed = t.database.transaction(3, async (tx) => {
    const taken = await takeNext(tx, floor);
    assert.equal(taken?.events.length, 3);
    await tx.rows({ text: 'select pg_terminate_backend(pg_backend_pid())', values: [] });
  });
  await assert.rejects(killed);
  assert.deepEqual(await sequenced(3), []);
  const report = await t.audit.integrity(3);
  assert.deepEqual([report.status, report.checked], ['valid', 3]);
});

test('two sequencers at once: one leads, the other stands by', async () => {
  for (let n = 0; n < 20; n += 1) await writeOne(4, `o${n}`);
  const other = t.again();
  await Promise.all([t.audit.integrity(4), other.integrity(4), t.audit.integrity(4)]);
  await t.audit.integrity(4);
  assert.deepEqual(await sequenced(4), await committed(4));
});

test('a dump restored into another cluster goes on where it ended, though its ids begin again', async () => {
  await writeOne(5, 'before');
  await t.audit.integrity(5);
  // As a dump brings it: the rows of another cluster, whose transaction ids were higher than ours.
  await t.tamper('update audit.cluster set system = 42');
  await t.tamper('update audit.event set xid = xid + 1000000 where tenant = 5');
  await t.tamper('delete from audit.batch where tenant = 5');
  await t.tamper('delete from audit.checkpoint where tenant = 5');
  const restored = t.again();
  await restored.release(5, [readOf(callerOf(5), 7n, 'after')]);
  const report = await restored.integrity(5);
  assert.deepEqual([report.checked, report.unsequenced], [2, 0]);
  const [row] = await t.tamper(
    'select max(xid) - min(xid) > 1e14 as far from audit.event where tenant = 5',
  );
  assert.equal(row?.['far'], true);
});

test('stopping sequences and signs what is committed', async () => {
  const audit = t.again();
  audit.start();
  await Promise.all([1, 2, 3].map((n) => audit.release(3, [readOf(callerOf(3), 7n, `s${n}`)])));
  await audit.stop();
  assert.deepEqual(await sequenced(3), await committed(3));
  const [row] = await t.tamper(
    'select max(size)::int as size from audit.checkpoint where tenant = 3',
  );
  assert.equal(row?.['size'], 6);
});

test('within a second of its commit an event is in the tree', async () => {
  const audit = t.again();
  audit.start();
  await audit.release(4, [readOf(callerOf(4), 7n, 'soon')]);
  const until = Date.now() + 1_000;
  while ((await sequenced(4)).length < 21 && Date.now() < until) await delay(20);
  assert.equal((await sequenced(4)).length, 21);
  await audit.stop();
});
