import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { type ExportVerdict, verifyExport } from '#audit';
import { demoPassword, demoSecret, type House, house } from './house.ts';
import { superuser } from './superuser.ts';
import { type Answer, type Body, bearer, login, serviceToken, visit } from './visit.ts';

let h: House;
let root: pg.Client;
let backend = '';
let doctor = '';
let compliance = '';
const people = ['Ravenscroft', 'Thistlewood'];
/** An auditor's own: received while all was well. */
let trusted = { publicKey: '', checkpoint: '' };
let checkpointed = 0;
before(async () => {
  h = await house();
  await h.start();
  root = await superuser(h.folder);
  backend = await serviceToken(h.address(), 'demo-backend', demoSecret);
  doctor = await login(h.address(), 'doctor@medconnect.test', demoPassword);
  compliance = await login(h.address(), 'compliance@medconnect.test', demoPassword);
  for (const [index, family] of people.entries()) await write(index, family);
  await write(0, `${people[0]}-Whitlock`);
  for (let turn = 0; turn < 5; turn += 1) await get('/fhir/Patient/p0', doctor);
  await receive();
});
after(async () => {
  await root?.end();
  await h.remove();
});

const get = (path: string, token: string): Promise<Answer> =>
  visit(h.address() + path, { headers: bearer(token) });

async function write(index: number, family: string): Promise<void> {
  const body = { resourceType: 'Patient', id: `p${index}`, name: [{ family }] };
  const sent = { method: 'PUT', body, headers: bearer(backend) };
  assert.ok((await visit(`${h.address()}/fhir/Patient/p${index}`, sent)).status <= 201);
}

/** Asking for the integrity signs a checkpoint over all there is. */
async function receive(): Promise<void> {
  assert.equal((await integrity()).status, 'valid');
  const { headers, text } = await get('/api/v1/audit/checkpoint', compliance);
  trusted = { publicKey: String(headers['x-verifier-key']), checkpoint: text };
  checkpointed = Number(text.split('\n')[1]);
}

const integrity = async (): Promise<Body> =>
  (await get('/api/v1/audit/integrity', compliance)).body;

type Line = { seq: number; event: { id: string; type: string } | null };

async function exported(): Promise<{ text: string; lines: Line[] }> {
  const { text } = await get('/api/v1/audit/export', compliance);
  const lines = text.trim().split('\n').slice(1);
  return { text, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** With nothing of ours but what was received before. */
async function offline(): Promise<ExportVerdict> {
  const { text } = await exported();
  return verifyExport(
    (async function* () {
      yield text;
    })(),
    trusted,
  );
}

/** The same as a command, over a file. */
async function command(text: string) {
  const [file, checkpoint] = [join(h.folder, 'audit.ndjson'), join(h.folder, 'received.txt')];
  await Promise.all([writeFile(file, text), writeFile(checkpoint, trusted.checkpoint)]);
  return h.run(['verify-audit', file, '--key', trusted.publicKey, '--checkpoint', checkpoint]);
}

/** A doctor's read in the middle of the log, and its place. */
async function target(): Promise<{ seq: number; where: string; xid: string; nth: string }> {
  const { lines } = await exported();
  const read = lines.find(({ event }) => event?.type === 'record.read');
  const [xid = '', nth = ''] = (read?.event?.id ?? '').split('-');
  assert.ok(read !== undefined && read.seq > 1 && read.seq < checkpointed);
  return { seq: read.seq, where: `tenant = 1 and xid = ${xid} and nth = ${nth}`, xid, nth };
}

type Tampering = { what: string; seq: number; spoil: string[]; mend: string[] };

/** Done behind the program's back: both verifiers name it, and after the mending neither does. */
async function isFound({ what, seq, spoil, mend }: Tampering): Promise<void> {
  for (const statement of spoil) await root.query(statement);
  const told = await integrity();
  const apart = await offline();
  for (const statement of mend) await root.query(statement);
  assert.deepEqual(
    [told.status, told.first_broken?.what, told.first_broken?.seq],
    ['broken', what, seq],
  );
  assert.match(told.first_broken?.says ?? '', new RegExp(`\\b${seq}\\b`));
  assert.deepEqual([apart.status, apart.defects[0]?.seq], ['broken', seq]);
  assert.equal((await integrity()).status, 'valid');
}

test('an edited row of the audit is found and named', async () => {
  const { seq, where } = await target();
  for (const [column, value] of [
    ['because', `'something else'`],
    ['version', 'version + 1'],
    ['at', `at - interval '1 day'`],
    ['actor', '(select min(id) from audit.actor where id <> e.actor)'],
  ]) {
    await isFound({
      ...{ what: 'edited', seq },
      spoil: [
        `create table public.kept as select * from audit.event where ${where}`,
        `update audit.event e set ${column} = ${value} where ${where}`,
      ],
      mend: [
        `update audit.event e set ${column} = k.${column} from public.kept k
          where k.xid = e.xid and k.nth = e.nth`,
        'drop table public.kept',
      ],
    });
  }
});

test('whose record was read cannot be changed unseen', async () => {
  const { seq, where } = await target();
  // Ids stand beside their commitment, not in the leaf: only who has the keys sees the change.
  const other = `(select patient_id from audit.event where patient_id <> e.patient_id
    and patient_id <> '' and tenant = 1 limit 1)`;
  await root.query(`create table public.kept as select * from audit.event where ${where}`);
  await root.query(`update audit.event e set patient_id = ${other} where ${where}`);
  const told = await integrity();
  await root.query(`update audit.event e set patient_id = k.patient_id from public.kept k
    where k.xid = e.xid and k.nth = e.nth`);
  await root.query('drop table public.kept');
  assert.deepEqual([told.first_broken?.what, told.first_broken?.seq], ['edited', seq]);
  assert.equal((await integrity()).status, 'valid');
});

test('a deleted row of the audit is found and named', async () => {
  const { seq, where } = await target();
  await isFound({
    ...{ what: 'deleted', seq },
    spoil: [
      `create table public.kept as select * from audit.event where ${where}`,
      `delete from audit.event where ${where}`,
    ],
    mend: ['insert into audit.event select * from public.kept', 'drop table public.kept'],
  });
});

test('two rows that changed places are found and named', async () => {
  const { seq, where, xid, nth } = await target();
  const content = `at, actor, subject, version, resource_hash, type, deed, resource_type, groups,
    resource_id, patient_id, commitment, correlation, because, note`;
  const list = content.replaceAll('\n', ' ').split(',');
  const sets = list.map((name) => `${name.trim()} = other.${name.trim()}`).join(', ');
  const later = `(select xid, nth from audit.event
    where tenant = 1 and (xid, nth) > (${xid}, ${nth}) order by xid, nth limit 1)`;
  await isFound({
    ...{ what: 'edited', seq },
    spoil: [
      `create table public.kept as
         select * from audit.event where ${where} or (tenant = 1 and (xid, nth) = ${later})`,
      `update audit.event e set ${sets} from public.kept other
        where e.tenant = 1 and (e.xid, e.nth) in (select xid, nth from public.kept)
          and (other.xid, other.nth) <> (e.xid, e.nth)`,
    ],
    mend: [
      'delete from audit.event e using public.kept k where k.xid = e.xid and k.nth = e.nth',
      'insert into audit.event select * from public.kept',
      'drop table public.kept',
    ],
  });
});

test('a row that was put in is found and named', async () => {
  const { lines } = await exported();
  // The last event of its transaction: the next number within it is free.
  const last = lines.find(({ event }, index) => {
    const xid = event?.id.split('-')[0];
    return index > 0 && lines[index + 1]?.event?.id.split('-')[0] !== xid;
  });
  const [xid, nth] = (last?.event?.id ?? '').split('-').map(Number);
  const row = `tenant = 1 and xid = ${xid} and nth = ${nth}`;
  const forged = `tenant = 1 and xid = ${xid} and nth = ${(nth ?? 0) + 1}`;
  await root.query(`create table public.kept as select * from audit.event where ${row}`);
  await root.query('update public.kept set nth = nth + 1');
  await root.query('insert into audit.event select * from public.kept');
  const told = await integrity();
  await root.query(`delete from audit.event where ${forged}`);
  await root.query('drop table public.kept');
  const seq = (last?.seq ?? 0) + 1;
  assert.deepEqual([told.first_broken?.what, told.first_broken?.seq], ['inserted', seq]);
  assert.equal((await integrity()).status, 'valid');
});

test('a sealed part in another place is never opened there', async () => {
  const sealed = async (id: string) =>
    (await root.query('select * from records.resource where id = $1 and tenant = 1', [id])).rows[0];
  const [first, second] = [await sealed('p0'), await sealed('p1')];
  const versions = await root.query('select * from records.version where row = $1', [first.row]);
  const [old] = versions.rows;
  assert.equal(old.version, 1);
  const put = (column: string, value: unknown, id: string) =>
    root.query(`update records.resource set ${column} = $1 where tenant = 1 and id = $2`, [
      value,
      id,
    ]);
  const putOld = (value: Buffer) =>
    root.query('update records.version set sealed = $1 where row = $2', [value, first.row]);
  const moves: readonly (readonly [name: string, path: string, spoil: () => Promise<unknown>])[] = [
    ["another patient's", '/fhir/Patient/p0', () => put('sealed', second.sealed, 'p0')],
    [
      "another patient's, key and all",
      '/fhir/Patient/p0',
      async () => {
        await put('sealed', second.sealed, 'p0');
        await put('subject', second.subject, 'p0');
      },
    ],
    ['an older version', '/fhir/Patient/p0', () => put('sealed', old.sealed, 'p0')],
    ['a newer version', '/fhir/Patient/p0/_history/1', () => putOld(first.sealed)],
    ['an edited one', '/fhir/Patient/p0', () => put('sealed', flipped(first.sealed), 'p0')],
    [
      'a shortened one',
      '/fhir/Patient/p0',
      () => put('sealed', first.sealed.subarray(0, -3), 'p0'),
    ],
    ['in a search', '/fhir/Patient?_id=p0', () => put('sealed', second.sealed, 'p0')],
    ['in a history', '/fhir/Patient/p0/_history', () => put('sealed', second.sealed, 'p0')],
  ];
  for (const [name, path, spoil] of moves) {
    await spoil();
    const answer = await get(path, doctor);
    await put('sealed', first.sealed, 'p0');
    await put('subject', first.subject, 'p0');
    await putOld(old.sealed);
    assert.ok(answer.status >= 500 && answer.status !== 503, `${name}: ${answer.status}`);
    assert.match(answer.body.issue[0]?.details.coding[0]?.code ?? '', /^SEAL_BROKEN$/, name);
    for (const family of people) assert.ok(!answer.text.includes(family), name);
  }
  assert.equal((await get('/fhir/Patient/p0', doctor)).status, 200);
  assert.equal((await get('/fhir/Patient/p0/_history/1', doctor)).status, 200);
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

test('the order kept for the tree cannot be changed unseen', async () => {
  const { rows } = await root.query(
    `select first_seq::int4 as first from audit.batch
      where tenant = 1 and length(events) >= 24 order by first_seq limit 1`,
  );
  const { first } = rows[0];
  const swap = (column: string, size: number) => `${column} = overlay(overlay(${column}
    placing substring(${column} from ${size + 1} for ${size}) from 1)
    placing substring(${column} from 1 for ${size}) from ${size + 1})`;
  const exchange = `update audit.batch set ${swap('events', 12)}, ${swap('leaves', 32)}
    where tenant = 1 and first_seq = ${first}`;
  await root.query(exchange);
  const told = await integrity();
  const apart = await offline();
  await root.query(exchange);
  assert.deepEqual([told.first_broken?.what, told.first_broken?.seq], ['reordered', first + 1]);
  assert.equal(apart.status, 'broken');
  assert.equal((await integrity()).status, 'valid');
});

test('what was received before stays valid, and what is received later is not', async () => {
  await receive();
  const whole = await exported();
  const { where, seq } = await target();
  await root.query(`create table public.kept as select * from audit.event where ${where}`);
  await root.query(`delete from audit.event where ${where}`);
  const spoiled = await exported();
  const [before, after] = [await command(whole.text), await command(spoiled.text)];
  const store = await h.run(['verify-audit', '--tenant', 'demo']);
  await root.query('insert into audit.event select * from public.kept');
  await root.query('drop table public.kept');
  assert.deepEqual([before.code, before.err, after.code, store.code], [0, '', 1, 1]);
  assert.match(after.out, new RegExp(`^Event ${seq} was deleted[^]*\nBROKEN: `));
  const told = new RegExp(`^Tenant 1: \\d+ events, BROKEN\\. Event ${seq} was deleted\\.\\n$`);
  assert.match(store.out, told);
});

test('an end that was cut off is found, though all traces of it in the database went along', async () => {
  await receive();
  const { rows } = await root.query(
    `select last_seq::int4 as seq, last_xid::text as xid, last_nth as nth from audit.batch
      where tenant = 1 and last_seq < ${checkpointed - 3} order by last_seq desc limit 1`,
  );
  const { seq, xid, nth } = rows[0];
  await root.query(`delete from audit.batch where tenant = 1 and last_seq > ${seq}`);
  await root.query(`delete from audit.event where tenant = 1 and (xid, nth) > (${xid}, ${nth})`);
  await root.query(`delete from audit.checkpoint where tenant = 1 and size > ${seq}`);
  const told = await integrity();
  assert.equal(told.status, 'broken');
  assert.match(told.first_broken?.what ?? '', /^(truncated|rewritten)$/);
  const apart = await offline();
  assert.equal(apart.status, 'broken');
});
