import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { shortLivedKey } from '#phi';
import { openSealedFileWriter, readSealedFile, type SealedFile } from './sealed-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const secret = randomBytes(32);
const named = (name: string): SealedFile => ({
  ...{ name, path: join(folder, name), key: shortLivedKey(1, secret) },
});

async function written(name: string, lines: readonly Buffer[]): Promise<SealedFile> {
  const file = named(name);
  const writer = await openSealedFileWriter(file);
  for (const line of lines) {
    writer.add(line);
    await writer.flush();
  }
  await writer.end();
  return file;
}

async function text(file: SealedFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readSealedFile(file)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const lines = Array.from({ length: 5000 }, (_, n) =>
  Buffer.from(`{"n":${n},"who":"Wintermere","x":"${randomBytes(300).toString('hex')}"}\n`),
);

test('what was written is read, in frames, and stands nowhere in clear', async () => {
  const file = await written('a', lines);
  assert.ok((await text(file)).equals(Buffer.concat(lines)));
  const raw = await readFile(file.path);
  assert.ok(!raw.includes('Wintermere'));
  assert.equal((await stat(file.path)).mode & 0o777, 0o600);
  assert.equal((await text(await written('empty', []))).length, 0);
});

test('a frame left out, cut off, moved or edited is found', async () => {
  const file = await written('b', lines);
  const raw = await readFile(file.path);
  const first = 4 + raw.readUInt32BE(0);
  const changes: Record<string, Buffer> = {
    leftOut: raw.subarray(first),
    cutOff: raw.subarray(0, first),
    short: raw.subarray(0, raw.length - 1),
    edited: Buffer.from(raw.map((byte, at) => (at === first - 1 ? byte ^ 1 : byte))),
  };
  for (const [name, bytes] of Object.entries(changes)) {
    await writeFile(file.path, bytes);
    await assert.rejects(text(file), Error, name);
  }
  await writeFile(named('c').path, raw);
  await assert.rejects(text(named('c')));
});
