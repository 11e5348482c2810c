import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from './guard/source-tree.ts';

type Ended = { code: number | null; signal: string | null; out: string; err: string };

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Stands in for npm: does what `code` says in the clone, with Node 24 linked where npm puts it. */
function fakeNpm(clone: string, code: string): string {
  const file = join(clone, 'npm-cli.js');
  const node = JSON.stringify(process.execPath);
  writeFileSync(
    file,
    `const fs = require('fs'), bin = 'node_modules/node/bin';
    const install = () => { fs.mkdirSync(bin, { recursive: true });
      fs.symlinkSync(${node}, bin + '/node'); };
    fs.appendFileSync('ran', 'x');
    ${code}`,
  );
  return file;
}

/** The scripts of this project in a folder of their own, with a lock file of one package. */
function clone(): string {
  const folder = mkdtempSync(join(tmpdir(), 'medconnect-launcher-'));
  made.push(folder);
  cpSync(join(projectRoot, 'scripts'), join(folder, 'scripts'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"dependencies":{"node":"24.0.0"}}');
  const packages = { '': { dependencies: { node: '24.0.0' } }, 'node_modules/node': {} };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  return folder;
}

function start(folder: string, args: string[], npm: string, flags: string[] = []): ChildProcess {
  return spawn(process.execPath, [...flags, join(folder, 'scripts/run.cjs'), ...args], {
    cwd: folder,
    env: { ...process.env, npm_execpath: npm },
  });
}

function ended(child: ChildProcess): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  return promise;
}

function firstOutput(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  child.stdout?.once('data', () => resolve());
  return promise;
}

const hello = ['-e', 'console.log("hello"); process.exitCode = 7'];
const patient = [
  '-e',
  'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1e3); console.log("up")',
];

test('a fresh clone is installed once, with a line per phase, and then simply runs', async () => {
  const folder = clone();
  const npm = fakeNpm(
    folder,
    `install(); console.error('npm http fetch GET 200 https://example.org/a/-/a-1.tgz 3ms');
    console.error('npm info run node@24.0.0 preinstall node_modules/node node x');`,
  );
  const first = await ended(start(folder, hello, npm));
  assert.deepEqual([first.code, first.out], [7, 'hello\n']);
  assert.match(first.err, /Installing what package-lock.json lists/);
  assert.match(first.err, /Fetching packages 1 of 1, \d+ s: done\./);
  assert.match(first.err, /Fetching Node 24/);
  assert.match(first.err, /Installed in \d+ s\./);
  const second = await ended(start(folder, hello, join(folder, 'absent')));
  assert.deepEqual([second.code, second.out, second.err], [7, 'hello\n', '']);
});

test('a changed lock file is installed again', async () => {
  const folder = clone();
  const npm = fakeNpm(folder, 'install();');
  await ended(start(folder, hello, npm));
  const packages = { '': { dependencies: { node: '24.0.0' } }, 'node_modules/node': { dev: true } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  assert.match((await ended(start(folder, hello, npm))).err, /Installed in/);
});

test('it can replace the very Node that runs it', async () => {
  const folder = clone();
  const npm = fakeNpm(folder, 'install();');
  const inside = join(folder, 'node_modules/node/bin/node');
  mkdirSync(dirname(inside), { recursive: true });
  cpSync(process.execPath, inside);
  const child = spawn(inside, [join(folder, 'scripts/run.cjs'), ...hello], {
    env: { ...process.env, npm_execpath: npm, npm_node_execpath: process.execPath },
  });
  const result = await ended(child);
  assert.deepEqual([result.code, result.out], [7, 'hello\n']);
  assert.match(result.err, /Installed in/);
});

test('what someone installed with npm is adopted, not done again', async () => {
  const folder = clone();
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
  cpSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  const installed = JSON.stringify({ packages: { 'node_modules/node': {} } });
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), installed);
  const result = await ended(start(folder, hello, join(folder, 'absent')));
  assert.deepEqual([result.code, result.out, result.err], [7, 'hello\n', '']);
});

test('a lock file of another package.json is refused with what to do', async () => {
  const folder = clone();
  writeFileSync(join(folder, 'package.json'), '{"dependencies":{"node":"24.0.0","pg":"8.0.0"}}');
  const result = await ended(start(folder, hello, fakeNpm(folder, 'install();')));
  assert.equal(result.code, 1);
  assert.match(result.err, /disagree about pg\. Run: npm install/);
  assert.equal(existsSync(join(folder, 'ran')), false);
});

test('a registry out of reach is one message that says what to do', async () => {
  const folder = clone();
  const npm = fakeNpm(
    folder,
    `console.error('npm error code EAI_AGAIN\\nnpm error request to x failed'); process.exit(1);`,
  );
  const result = await ended(start(folder, hello, npm));
  assert.equal(result.code, 1);
  assert.match(result.err, /registry cannot be reached\. Connect this machine/);
  assert.match(result.err, /npm: request to x failed/);
  assert.doesNotMatch(result.err, /\bat \w+ \(/);
});

test('a registry that never answers is given up soon, and what is cached is enough', async () => {
  const folder = clone();
  const failed = `console.error('npm http fetch GET https://example.org/a attempt 1 failed with E')`;
  const npm = fakeNpm(
    folder,
    `if (process.argv.includes('--offline')) install();
    else setInterval(() => ${failed}, 5);`,
  );
  const result = await ended(start(folder, hello, npm));
  assert.deepEqual([result.code, result.out], [7, 'hello\n']);
  assert.match(result.err, /does not answer; trying with what npm has in its cache/);
});

test('started twice on a fresh clone, one installs and the other waits for it', async () => {
  const folder = clone();
  const npm = fakeNpm(folder, 'setTimeout(install, 1500);');
  const both = await Promise.all([1, 2].map(() => ended(start(folder, hello, npm))));
  assert.deepEqual(
    both.map(({ code, out }) => [code, out]),
    [
      [7, 'hello\n'],
      [7, 'hello\n'],
    ],
  );
  assert.match(both.map(({ err }) => err).join(''), /waiting for the install of process \d+/);
});

test('the lock of an install that was killed holds nobody up', async () => {
  const folder = clone();
  writeFileSync(join(folder, '.install-lock'), '999999999');
  const result = await ended(start(folder, hello, fakeNpm(folder, 'install();')));
  assert.deepEqual([result.code, result.out], [7, 'hello\n']);
});

test('SIGTERM reaches the program and its exit code comes back, on old Node as on new', async () => {
  const folder = clone();
  const npm = fakeNpm(folder, 'install();');
  // What Node 20 does not have.
  writeFileSync(join(folder, 'old.cjs'), 'process.execve = undefined;');
  for (const flags of [[], ['-r', join(folder, 'old.cjs')]]) {
    const child = start(folder, patient, npm, flags);
    await firstOutput(child);
    child.kill('SIGTERM');
    assert.equal((await ended(child)).code, 9);
  }
});
