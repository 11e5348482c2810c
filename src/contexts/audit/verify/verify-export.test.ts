import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { callerOf, readOf, type TestAudit, testAudit } from '../../../../test/audit.ts';
import { formatVerifierKey } from '../../../standards/transparency/signed-note.ts';
import { originOf } from '../checkpoint-signer.ts';
import { type Trusted, verifyExport } from './verify-export.ts';

let t: TestAudit;
/** The header and eight events, and what an auditor received beforehand. */
let lines: string[];
let trusted: Trusted;
before(async () => {
  t = await testAudit();
  await t.newTenant(1);
  for (let n = 1; n <= 8; n += 1) await t.audit.release(1, [readOf(callerOf(1), 1n, `o${n}`)]);
  const report = await t.audit.integrity(1);
  trusted = { publicKey: report.checkpoint?.key ?? '', checkpoint: report.checkpoint?.note ?? '' };
  lines = await exported();
});
after(() => t.close());

async function exported(): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of t.audit.export(1)) chunks.push(chunk);
  return chunks.join('').trimEnd().split('\n');
}

async function* asStream(of: readonly string[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(`${of.join('\n')}\n`);
  // In pieces that fit no line, as a file is read.
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const verdictOf = (of: readonly string[], by = trusted) => verifyExport(asStream(of), by);

/** The first defect after `change`, as [seq, what]. */
async function found(change: (copy: string[]) => void, by = trusted) {
  const copy = [...lines];
  change(copy);
  const { status, defects } = await verdictOf(copy, by);
  assert.equal(status, 'broken');
  return [defects[0]?.seq, defects[0]?.what];
}

const edit = (copy: string[], index: number, from: string | RegExp, to: string) => {
  const before = copy[index] ?? '';
  copy[index] = before.replace(from, to);
  assert.notEqual(copy[index], before);
};

test('an export is verified with the public key and a checkpoint alone', async () => {
  assert.equal(lines.length, 9);
  const verdict = await verdictOf(lines);
  assert.deepEqual(verdict, { status: 'valid', checked: 8, signed: 8, defects: [] });
});

test('an export made later still agrees with an earlier checkpoint', async () => {
  await t.audit.release(1, [readOf(callerOf(1), 1n, 'o9')]);
  await t.audit.integrity(1);
  const verdict = await verdictOf(await exported());
  assert.deepEqual(verdict, { status: 'valid', checked: 9, signed: 8, defects: [] });
});

test('neither an address, an agent nor anything sealed is exported', () => {
  const text = lines.join('\n');
  assert.match(text, /"resource_id":"o3"/);
  assert.doesNotMatch(text, /192\.0\.2\.7|Wintermere/);
});

test('an edited line is named', async () => {
  assert.deepEqual(await found((copy) => edit(copy, 3, '"R"', '"U"')), [3, 'edited']);
  assert.deepEqual(await found((copy) => edit(copy, 4, /"leaf":"./, '"leaf":"')), [4, 'edited']);
});

test('a deleted line is named', async () => {
  assert.deepEqual(await found((copy) => copy.splice(3, 1)), [3, 'deleted']);
});

test('lines that changed places are named', async () => {
  const swap = (copy: string[]) => copy.splice(3, 2, copy[4] ?? '', copy[3] ?? '');
  assert.deepEqual(await found(swap), [3, 'deleted']);
  const renumber = (copy: string[]) => {
    swap(copy);
    edit(copy, 3, '"seq":4', '"seq":3');
    edit(copy, 4, '"seq":3', '"seq":4');
  };
  assert.deepEqual(await found(renumber), [3, 'rewritten']);
});

test('a line put in is named', async () => {
  assert.deepEqual(await found((copy) => copy.splice(4, 0, copy[3] ?? '')), [3, 'reordered']);
});

test('a file cut below the checkpoint is told, and one cut below its own header', async () => {
  assert.deepEqual(await found((copy) => copy.splice(6)), [6, 'truncated']);
  const later = await exported();
  const { defects } = await verdictOf(later.slice(0, -1));
  assert.deepEqual([defects[0]?.seq, defects[0]?.what], [9, 'truncated']);
});

test('a log computed anew from its beginning contradicts the checkpoint', async () => {
  await t.newTenant(2);
  for (let n = 1; n <= 8; n += 1) await t.audit.release(2, [readOf(callerOf(2), 1n, `o${n}`)]);
  const report = await t.audit.integrity(2);
  const chunks: string[] = [];
  for await (const chunk of t.audit.export(2)) chunks.push(chunk);
  const other = chunks.join('').trimEnd().split('\n');
  const own = {
    publicKey: report.checkpoint?.key ?? '',
    checkpoint: report.checkpoint?.note ?? '',
  };
  assert.equal((await verdictOf(other, own)).status, 'valid');
  // The same length, consistent in itself, under the first log's name.
  const { defects } = await verdictOf([lines[0] ?? '', ...other.slice(1)]);
  assert.ok(defects.some((defect) => defect.what === 'rewritten'));
});

test('a key or checkpoint that does not fit is told before anything else', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const stranger = formatVerifierKey(originOf(1), publicKey);
  for (const by of [
    { ...trusted, publicKey: stranger },
    { ...trusted, publicKey: 'no key' },
    { ...trusted, checkpoint: trusted.checkpoint.replace('\n8\n', '\n9\n') },
  ]) {
    assert.deepEqual(await found(() => {}, by), [0, 'checkpoint-forged']);
  }
});

test('what is no export is told, and a line without end does not fill the memory', async () => {
  for (const text of [[], ['not json'], ['{}'], lines.slice(1)]) {
    const { status, defects } = await verdictOf(text);
    assert.deepEqual([status, defects[0]?.what], ['broken', 'unreadable']);
  }
  assert.deepEqual(await found((copy) => copy.splice(2, 1, '{"seq":2}')), [2, 'unreadable']);
  const endless = [lines[0] ?? '', 'x'.repeat(2_000_000)];
  assert.deepEqual((await verdictOf(endless)).defects[0]?.what, 'unreadable');
});
