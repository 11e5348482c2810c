import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { callerOf, readOf, type TestAudit, testAudit } from '../../../../test/audit.ts';
import { formatCheckpoint } from '../../../standards/transparency/checkpoint.ts';
import { appendLeaf, emptyFrontier, rootOf } from '../../../standards/transparency/merkle-tree.ts';
import { signNote } from '../../../standards/transparency/signed-note.ts';
import { chained, keyCount, packKeys, startOf } from '../batch.ts';
import { originOf } from '../checkpoint-signer.ts';
import { eventColumns, leafContent, leafOf, type StoredActor, type StoredEvent } from '../leaf.ts';

let t: TestAudit;
let tenant = 0;
before(async () => {
  t = await testAudit();
});
after(() => t.close());

/** A tenant of its own with 12 events in four batches, sequenced and signed. */
async function signedLog(): Promise<number> {
  tenant += 1;
  await t.newTenant(tenant);
  for (let batch = 0; batch < 4; batch += 1) {
    const entries = [0, 1, 2].map((n) => readOf(callerOf(tenant), BigInt(n + 1), `o${batch}-${n}`));
    await t.audit.release(tenant, entries);
    assert.equal((await t.audit.integrity(tenant)).status, 'valid');
  }
  return tenant;
}

/** What is found after a change made as the superuser; the log before it was valid. */
async function foundAfter(change: string, values: unknown[] = [tenant]) {
  await t.tamper(change, values);
  const { status, checked, first_broken } = await t.audit.integrity(tenant);
  assert.equal(status, 'broken', change);
  assert.ok(first_broken);
  return { checked, seq: first_broken.seq, what: first_broken.what, id: first_broken.event_id };
}

/** The fifth event's place among its tenant's. */
const fifth = `(select ctid from audit.event where tenant = $1 order by xid, nth offset 4 limit 1)`;

test('an untouched log is valid, and what was checked is told', async () => {
  const report = await t.audit.integrity(await signedLog());
  assert.deepEqual(
    [report.status, report.checked, report.first_broken, report.unsequenced, report.erased],
    ['valid', 12, null, 0, 0],
  );
  assert.equal(report.checkpoint?.size, 12);
});

test('an empty log is valid and has no checkpoint', async () => {
  tenant += 1;
  await t.newTenant(tenant);
  const report = await t.audit.integrity(tenant);
  assert.deepEqual([report.status, report.checked, report.checkpoint], ['valid', 0, null]);
});

const edits = {
  at: `at = at + interval '1 microsecond'`,
  actor: '(actor) = (select id from audit.actor a where a.tenant = $1 and a.id <> actor limit 1)',
  subject: 'subject = subject + 1',
  version: 'version = 2',
  resource_hash: 'resource_hash = 1',
  type: 'type = 2',
  deed: 'deed = 0',
  resource_type: 'resource_type = 1',
  groups: 'groups = 1',
  resource_id: `resource_id = 'o9-9'`,
  patient_id: `patient_id = 'p9'`,
  commitment: `commitment = '\\x00112233445566778899aabbccddeeff'`,
  correlation: `correlation = 'none'`,
  because: `because = 'patient-own'`,
  note: `note = '{"a":1}'`,
};

for (const [column, edit] of Object.entries(edits)) {
  test(`an edit of event.${column} is found and named`, async () => {
    await signedLog();
    const found = await foundAfter(
      `update audit.event set ${edit} where tenant = $1 and ctid = ${fifth}`,
    );
    assert.deepEqual([found.checked, found.seq, found.what], [3, 5, 'edited']);
  });
}

test('every column of an event is under one of these edits', async () => {
  const rows = await t.tamper(
    `select column_name as name from information_schema.columns
      where table_schema = 'audit' and table_name = 'event'`,
  );
  const names = rows.map((row) => String(row['name'])).sort();
  assert.deepEqual(names, [...Object.keys(edits), 'nth', 'tenant', 'xid'].sort());
});

for (const edit of [
  `roles = 'admin'`,
  `purpose = 'ETREAT'`,
  `user_id = gen_random_uuid()`,
  `kind = 'client'`,
  `sealed = overlay(sealed placing '\\x00ff00ff' from 30)`,
  `commitment = overlay(commitment placing '\\x00ff00ff' from 3)`,
]) {
  test(`an edit of the actor is found: ${edit.split(' ')[0]}`, async () => {
    await signedLog();
    const found = await foundAfter(
      `update audit.actor set ${edit} where tenant = $1
        and id = (select actor from audit.event where tenant = $1 and ctid = ${fifth})`,
    );
    assert.deepEqual([found.seq, found.what], [5, 'edited']);
  });
}

test('a deleted row is found and named', async () => {
  await signedLog();
  const found = await foundAfter(`delete from audit.event where tenant = $1 and ctid = ${fifth}`);
  assert.deepEqual([found.checked, found.seq, found.what], [3, 5, 'deleted']);
  assert.match(found.id ?? '', /^\d+-\d+$/);
});

test('a batch deleted from the middle is found as the events it held', async () => {
  await signedLog();
  const found = await foundAfter('delete from audit.batch where tenant = $1 and first_seq = 4');
  assert.deepEqual([found.checked, found.seq, found.what], [3, 4, 'deleted']);
});

test('a row put in among the sequenced ones is found', async () => {
  await signedLog();
  const found = await foundAfter(
    `with copied as (select * from audit.event where tenant = $1 and ctid = ${fifth})
       insert into audit.event (xid, at, actor, subject, tenant, nth, version, resource_hash, type,
         deed, resource_type, groups, resource_id, patient_id, commitment, correlation, because, note)
       select xid, at, actor, subject, tenant, 2000000000, version, resource_hash, type, deed,
         resource_type, groups, resource_id, patient_id, commitment, correlation, because, note
         from copied`,
  );
  assert.deepEqual([found.checked, found.what], [6, 'inserted']);
});

test('two events that changed places are found', async () => {
  await signedLog();
  const [batch] = await t.tamper(
    'select events, leaves from audit.batch where tenant = $1 and first_seq = 4',
    [tenant],
  );
  const found = await foundAfter(
    'update audit.batch set events = $2, leaves = $3 where tenant = $1 and first_seq = 4',
    [tenant, swapped(batch?.['events'], 12), swapped(batch?.['leaves'], 32)],
  );
  assert.deepEqual([found.checked, found.seq, found.what], [3, 5, 'reordered']);
});

/** The first two of the parts exchanged. */
function swapped(packed: unknown, size: number): Buffer {
  assert.ok(Buffer.isBuffer(packed));
  const [first, second] = [packed.subarray(0, size), packed.subarray(size, 2 * size)];
  return Buffer.concat([second, first, packed.subarray(2 * size)]);
}

test('an event edited together with its leaf breaks the chain', async () => {
  await signedLog();
  await t.tamper(`update audit.event set because = 'x' where tenant = $1 and ctid = ${fifth}`, [
    tenant,
  ]);
  const { leaves } = await recomputed(tenant, 4);
  const found = await foundAfter(
    'update audit.batch set leaves = $2 where tenant = $1 and first_seq = 4',
    [tenant, leaves],
  );
  assert.deepEqual([found.seq, found.what], [4, 'edited']);
});

test('a tail rewritten with new hashes and chain contradicts the signed checkpoint', async () => {
  await signedLog();
  await t.tamper(`update audit.event set because = 'x' where tenant = $1 and ctid = ${fifth}`, [
    tenant,
  ]);
  await rewriteBatches(tenant);
  const report = await t.audit.integrity(tenant);
  // Checkpoints were signed at 3, 6, 9 and 12: the first three events still agree.
  assert.deepEqual([report.first_broken?.seq, report.first_broken?.what], [4, 'rewritten']);
});

test('a tail cut off below a signed checkpoint is found, even with the checkpoints deleted', async () => {
  await signedLog();
  await t.tamper('delete from audit.batch where tenant = $1 and first_seq >= 7', [tenant]);
  await t.tamper(
    `delete from audit.event where tenant = $1
      and ctid not in (select ctid from audit.event where tenant = $1 order by xid, nth limit 6)`,
    [tenant],
  );
  const found = await t.audit.integrity(tenant);
  assert.deepEqual([found.first_broken?.seq, found.first_broken?.what], [7, 'truncated']);
  // The data folder keeps the newest checkpoint where the database's owner does not reach it.
  const kept = await foundAfter('delete from audit.checkpoint where tenant = $1 and size > 6');
  assert.deepEqual([kept.checked, kept.seq, kept.what], [6, 7, 'truncated']);
});

test('a log cut and grown again is not signed over what was signed', async () => {
  await signedLog();
  await t.tamper('delete from audit.batch where tenant = $1', [tenant]);
  await t.tamper('delete from audit.checkpoint where tenant = $1', [tenant]);
  await t.tamper(`delete from audit.event where tenant = $1`, [tenant]);
  await t.audit.release(tenant, [readOf(callerOf(tenant), 1n, 'new')]);
  const report = await t.audit.integrity(tenant);
  assert.deepEqual([report.first_broken?.what, report.checkpoint], ['truncated', null]);
});

test('a forged checkpoint is found: another key, other numbers, a note moved from elsewhere', async () => {
  await signedLog();
  const { privateKey } = generateKeyPairSync('ed25519');
  const origin = originOf(tenant);
  const { frontier } = await recomputed(tenant, 10);
  const root = rootOf(frontier);
  const note = signNote(formatCheckpoint({ origin, size: 12, root }), { name: origin, privateKey });
  const [real] = await t.tamper(
    'select note from audit.checkpoint where tenant = $1 and size = 12',
    [tenant],
  );
  const forgeries: [string, unknown[]][] = [
    ['update audit.checkpoint set note = $2 where tenant = $1 and size = 12', [note]],
    ['update audit.checkpoint set note = $2 where tenant = $1 and size = 12', ['']],
    ['update audit.checkpoint set note = $2 where tenant = $1 and size = 9', [real?.['note']]],
  ];
  for (const [statement, values] of forgeries) {
    assert.equal(await foundThenUndone(statement, values), 'checkpoint-forged');
  }
});

async function foundThenUndone(statement: string, values: unknown[]): Promise<string | undefined> {
  const before = await t.tamper('select size, note from audit.checkpoint where tenant = $1', [
    tenant,
  ]);
  await t.tamper(statement, [tenant, ...values]);
  const report = await t.audit.integrity(tenant);
  for (const { size, note } of before) {
    await t.tamper('update audit.checkpoint set note = $3 where tenant = $1 and size = $2', [
      tenant,
      size,
      note,
    ]);
  }
  return report.first_broken?.what;
}

test('a checkpoint kept in the data folder that our key did not sign is told', async () => {
  await signedLog();
  const path = t.signer.keptAt(tenant);
  const kept = await readFile(path, 'utf8');
  await writeFile(path, kept.replace('\n12\n', '\n11\n'));
  const report = await t.audit.integrity(tenant);
  assert.equal(report.first_broken?.what, 'checkpoint-forged');
  await rm(path);
  assert.equal((await t.audit.integrity(tenant)).status, 'valid');
});

test('an erased patient leaves a valid log: the ids are gone, the tree stays', async () => {
  await signedLog();
  const forgotten = await t.database.transaction(tenant, async (tx) => {
    await t.phi.destroy(tx, 2n);
    return t.audit.forgetPatient(tx, 'p2');
  });
  assert.equal(forgotten, 4);
  const report = await t.audit.integrity(tenant);
  assert.deepEqual(
    [report.status, report.checked, report.erased, report.first_broken],
    ['valid', 12, 4, null],
  );
  const rows = await t.tamper(
    `select from audit.event where tenant = $1 and (patient_id = 'p2' or resource_id = 'o0-1')`,
    [tenant],
  );
  assert.equal(rows.length, 0);
});

test('an access to an erased patient is still audited', async () => {
  await signedLog();
  await t.database.transaction(tenant, (tx) => t.phi.destroy(tx, 2n));
  await t.audit.release(tenant, [
    { ...readOf(callerOf(tenant), 2n, 'gone'), outcome: 'failure' },
    readOf(callerOf(tenant), 3n, 'there'),
  ]);
  const report = await t.audit.integrity(tenant);
  assert.deepEqual([report.status, report.checked, report.erased], ['valid', 14, 4]);
});

/** What an attacker who knows the program would compute for one batch. */
async function recomputed(of: number, firstSeq: number) {
  const [batch] = await t.database.transaction(of, (tx) =>
    tx.rows<{ events: Buffer; chain: Buffer }>({
      text: 'select events, chain from audit.batch where first_seq = $1',
      values: [firstSeq],
    }),
  );
  assert.ok(batch);
  const all = await contents(of);
  const own = all.slice(firstSeq - 1, firstSeq - 1 + keyCount(batch.events));
  const frontier = all.map(({ leaf }) => leaf).reduce(appendLeaf, emptyFrontier);
  return { leaves: Buffer.concat(own.map(({ leaf }) => leaf)), frontier };
}

async function contents(of: number) {
  return t.database.transaction(of, async (tx) => {
    const events = await tx.rows<StoredEvent>({
      text: `select ${eventColumns.text} from audit.event order by xid, nth`,
      values: [],
    });
    const actors = await tx.rows<StoredActor>({ text: 'select * from audit.actor', values: [] });
    const byId = new Map(actors.map((actor) => [actor.id, actor]));
    return events.map((event) => ({
      event,
      leaf: leafOf(leafContent(of, event, byId.get(event.actor))),
    }));
  });
}

/** All batches computed anew over the rows as they are now. */
async function rewriteBatches(of: number): Promise<void> {
  let { chain } = startOf(of);
  const all = await contents(of);
  for (let first = 1; first <= all.length; first += 3) {
    const own = all.slice(first - 1, first + 2);
    own.forEach(({ leaf }, index) => {
      chain = chained(chain, leaf, first + index);
    });
    const leaves = Buffer.concat(own.map(({ leaf }) => leaf));
    await t.tamper(
      'update audit.batch set events = $3, leaves = $4, chain = $5 where tenant = $1 and first_seq = $2',
      [of, first, packKeys(own.map(({ event }) => event)), leaves, chain],
    );
  }
}
