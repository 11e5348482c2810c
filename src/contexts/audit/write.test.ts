import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { callerOf, readOf, type TestAudit, testAudit } from '../../../test/audit.ts';

let t: TestAudit;
before(async () => {
  t = await testAudit();
  for (const tenant of [1, 2, 3]) await t.newTenant(tenant);
});
after(() => t.close());

const count = async (tenant: number) =>
  (
    await t.tamper('select count(*)::int as count from audit.event where tenant = $1', [tenant])
  )[0]?.['count'];

test('a write is audited with the write, and undone with it', async () => {
  const caller = callerOf(1);
  await t.database.transaction(1, (tx) => t.audit.write(tx, [readOf(caller, 7n, 'o1')]));
  await assert.rejects(
    t.database.transaction(1, async (tx) => {
      await t.audit.write(tx, [readOf(caller, 7n, 'o2'), readOf(callerOf(1), 8n, 'o3')]);
      throw new Error('no');
    }),
    /no/,
  );
  assert.equal(await count(1), 1);
  // The second actor's row went with the transaction: the next event brings it again.
  await t.database.transaction(1, (tx) => t.audit.write(tx, [readOf(callerOf(1), 8n, 'o3')]));
  const orphans = await t.tamper(
    'select from audit.event e where not exists (select from audit.actor a where a.id = e.actor)',
  );
  assert.equal(orphans.length, 0);
});

test('the first event of a caller waits for no other transaction of the same caller', async () => {
  const caller = callerOf(1);
  await t.database.transaction(1, async (tx) => {
    await t.audit.write(tx, [readOf(caller, 7n, 'slow')]);
    await t.audit.release(1, [readOf(caller, 7n, 'quick')]);
  });
});

test('a release resolves only after its row is visible to another connection', async () => {
  const id = randomUUID();
  const caller = callerOf(2);
  for (let round = 0; round < 20; round += 1) {
    await t.audit.release(2, [readOf(caller, 7n, `${id}-${round}`)]);
    assert.equal(await count(2), round + 1);
  }
});

test('releases that wait together share commits', async () => {
  const caller = callerOf(2);
  const before = await count(2);
  await Promise.all(
    Array.from({ length: 500 }, (_, n) => t.audit.release(2, [readOf(caller, 7n, `together${n}`)])),
  );
  const rows = await t.tamper(
    `select count(distinct xid)::int as commits, count(*)::int as rows from (
       select xid from audit.event where tenant = 2 order by xid desc limit 500) as newest`,
  );
  assert.equal(await count(2), Number(before) + 500);
  assert.ok(Number(rows[0]?.['commits']) < 20, `${rows[0]?.['commits']} commits`);
});

test('a failed commit rejects every release that waited for it, and the next one works', async () => {
  await t.tamper('alter table audit.event add constraint refuse check (tenant <> 3)');
  const caller = callerOf(3);
  const waiting = [1, 2, 3].map((n) => t.audit.release(3, [readOf(caller, 7n, `o${n}`)]));
  const outcomes = await Promise.allSettled(waiting);
  assert.deepEqual(
    outcomes.map((one) => one.status),
    ['rejected', 'rejected', 'rejected'],
  );
  await t.tamper('alter table audit.event drop constraint refuse');
  await t.audit.release(3, [readOf(caller, 7n, 'o4')]);
  assert.equal(await count(3), 1);
});

test('beyond 10,000 waiting entries a release is refused with 503 at once', async () => {
  const caller = callerOf(3);
  const many = Array.from({ length: 5_000 }, (_, n) => readOf(caller, 7n, `m${n}`));
  const waiting = [t.audit.release(3, many), t.audit.release(3, many)];
  await assert.rejects(t.audit.release(3, [readOf(caller, 7n, 'x')]), {
    kind: { status: 503, code: 'SERVICE_UNAVAILABLE', issue: 'transient' },
  });
  await Promise.all(waiting);
});

test('what a caller may be known by is sealed; the rest of a row is as told', async () => {
  const caller = callerOf(1, ['nurse', 'doctor']);
  const entry = {
    ...readOf(caller, 7n, randomUUID()),
    note: { parameters: ['name', 'birthdate'] },
  };
  await t.database.transaction(1, (tx) => t.audit.write(tx, [entry]));
  const [row] = await t.tamper(
    `select e::text || a::text as text, a.roles, a.user_id, e.note, e.because
       from audit.event e join audit.actor a on a.id = e.actor and a.tenant = e.tenant
      where e.tenant = 1 order by e.xid desc limit 1`,
  );
  assert.equal(row?.['roles'], 'doctor nurse');
  assert.equal(row?.['user_id'], caller.principal.id);
  assert.equal(row?.['note'], '{"parameters":["name","birthdate"]}');
  const hex = (text: string) => Buffer.from(text).toString('hex');
  for (const personal of [caller.ip, caller.agent]) {
    assert.equal(String(row?.['text']).includes(personal), false);
    assert.equal(String(row?.['text']).includes(hex(personal)), false);
  }
});

test('what is no logical id is not kept: it may be a name typed into a URL', async () => {
  await t.audit.release(1, [readOf(callerOf(1), 7n, 'Rosalind Wintermere')]);
  const [row] = await t.tamper(
    'select length(resource_id) as length from audit.event where tenant = 1 order by xid desc limit 1',
  );
  assert.equal(row?.['length'], 0);
});

test('the application may not change or delete what it wrote', async () => {
  for (const statement of [
    'delete from audit.event',
    `update audit.event set because = ''`,
    'delete from audit.actor',
    'update audit.batch set chain = chain',
    'delete from audit.checkpoint',
    'truncate audit.event',
  ]) {
    const attempt = t.database.transaction(1, (tx) => tx.run({ text: statement, values: [] }));
    await assert.rejects(attempt, { code: '42501' }, statement);
  }
});

test('another tenant sees nothing of it', async () => {
  for (const table of ['event', 'actor', 'batch', 'checkpoint']) {
    const rows = await t.database.transaction(99, (tx) =>
      tx.rows({ text: `select from audit.${table}`, values: [] }),
    );
    assert.equal(rows.length, 0, table);
  }
});
