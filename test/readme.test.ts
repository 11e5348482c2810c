import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from './guard/source-tree.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const documented = 'http://127.0.0.1:8080';
const password = 'readme-of-medconnect';
const readyWithinMs = 60_000; // a first start on a busy machine; its goal is 10 s

type Running = { address: string; stop(): Promise<number | null> };

/** A server of its own: sandbox mode, a free port, an empty data folder. */
async function startServer(folder: string): Promise<Running> {
  const { PATH, HOME, USER } = process.env;
  const child = spawn(process.execPath, [join(projectRoot, 'src/main.ts'), 'serve'], {
    cwd: folder,
    env: { PATH, HOME, USER, PORT: '0', MEDCONNECT_DEMO_PASSWORD: password },
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /ready at (http:\/\/[\w.:[\]]+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  }
  const left = Promise.withResolvers<number | null>();
  child.on('close', (code) => {
    left.resolve(code);
    reject(new Error(`The server ended with ${code}: ${said}`));
  });
  const timer = setTimeout(() => reject(new Error(`No server in time: ${said}`)), readyWithinMs);
  const stop = () => {
    child.kill('SIGTERM');
    return left.promise;
  };
  try {
    return { address: await promise, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function block(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\\s*\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(found, `README.md has no block marked ${name}`);
  return found;
}

let folder = '';
let server: Running | undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medconnect-readme-'));
  chmodSync(folder, 0o755); // as root, PostgreSQL runs as another user, who must get there
  server = await startServer(folder);
});

after(async () => {
  if (server !== undefined) assert.equal(await server.stop(), 0);
  rmSync(folder, { recursive: true, force: true });
});

test('the commands of the README are commands of package.json', () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(projectRoot, 'package.json'), 'utf8'),
  );
  const named = [...readme.matchAll(/\bnpm (?:run ([a-z]+)|(start|test)\b)/g)].map(
    ([, script, short]) => script ?? short ?? '',
  );
  assert.ok(named.includes('start') && named.includes('test'));
  assert.deepEqual(
    named.filter((name) => manifest.scripts[name] === undefined),
    [],
  );
});

test('the files and folders the README points to are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? '');
  assert.ok(links.length > 0);
  assert.deepEqual(
    links.filter((path) => !existsSync(join(projectRoot, path))),
    [],
  );
});

test('the first request of the README finds a patient', () => {
  const request = block('first request');
  assert.ok(request.includes(documented));
  const script = request.replaceAll(documented, server?.address ?? '');
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PASSWORD: password },
    timeout: 30_000,
  });
  assert.equal(status, 0, stderr);
  const bundle: { resourceType?: string; type?: string; entry?: unknown[] } = JSON.parse(stdout);
  assert.deepEqual([bundle.resourceType, bundle.type], ['Bundle', 'searchset']);
  assert.ok((bundle.entry?.length ?? 0) > 0, 'no demo patient has the name of the README');
});
