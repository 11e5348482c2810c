import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { holderOf, takeLock } from './lock.ts';

const folders: string[] = [];
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medconnect-lock-'));
  folders.push(folder);
});
after(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))));

test('a folder is held by one at a time, and free again when released', async () => {
  const first = await takeLock(folder);
  assert.ok('lock' in first);
  await first.lock.announce('/run/socket');
  const second = await takeLock(folder);
  assert.ok('holder' in second);
  assert.deepEqual([second.holder.pid, second.holder.socket], [process.pid, '/run/socket']);
  await first.lock.release();
  assert.equal(await holderOf(folder), undefined);
  assert.deepEqual(await readdir(folder), []);
});

test('the lock of a process that is gone is taken over', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  await writeFile(join(folder, 'server.pid'), JSON.stringify({ pid: gone.pid, started: 'x' }));
  assert.ok('lock' in (await takeLock(folder)));
});

test('the lock of an earlier process with the number of a living one is taken over', async () => {
  const earlier = JSON.stringify({ pid: process.ppid, started: 'another boot:1' });
  await writeFile(join(folder, 'server.pid'), earlier);
  assert.ok('lock' in (await takeLock(folder)));
  assert.match(await readFile(join(folder, 'server.pid'), 'utf8'), RegExp(`"pid":${process.pid}`));
});

test('a lock file that is not one is taken over', async () => {
  await writeFile(join(folder, 'server.pid'), '');
  assert.ok('lock' in (await takeLock(folder)));
});

test('of many that find the same stale lock, one gets it', async () => {
  await writeFile(join(folder, 'server.pid'), '{"pid":999999999,"started":"x"}');
  const program =
    `const { takeLock } = await import(${JSON.stringify(import.meta.resolve('./lock.ts'))});` +
    `console.log('lock' in await takeLock(${JSON.stringify(folder)}));` +
    `process.stdin.on('data', () => undefined).on('end', () => process.exit());`;
  const starters = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program]),
  );
  const answers = await Promise.all(
    starters.map((one) => new Promise<string>((resolve) => one.stdout.once('data', resolve))),
  );
  for (const one of starters) one.stdin.end();
  assert.equal(answers.filter((answer) => String(answer).startsWith('true')).length, 1);
});
