// What can be said about the code without running the product: a line each, faults in full.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

type Check = { name: string; file: string; args: string[] };

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const guards = ['architecture', 'sql-owner', 'tidy'].map((name) => `test/${name}.test.ts`);
const checks: Check[] = [
  { name: 'types', file: bin('tsc'), args: ['--noEmit', '-p', '.'] },
  { name: 'format and lint', file: bin('biome'), args: ['check', '--error-on-warnings'] },
  { name: 'more lint', file: bin('oxlint'), args: ['--deny-warnings'] },
  { name: 'dead code', file: bin('knip'), args: ['--no-progress'] },
  { name: 'licenses', file: process.execPath, args: ['scripts/licenses.ts', '--check'] },
  { name: 'guards', file: process.execPath, args: ['--test', '--test-reporter=dot', ...guards] },
];

type Outcome = { passed: boolean; output: string };

function outcomeOf({ file, args }: Check): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = spawn(file, args, { cwd: root, shell: process.platform === 'win32' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.on('error', reject);
  child.on('close', (code) => resolve({ passed: code === 0, output }));
  return promise;
}

async function report(check: Check): Promise<boolean> {
  const startedAt = performance.now();
  const { passed, output } = await outcomeOf(check);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${check.name} (${seconds} s)`);
  if (!passed) console.log(output.trimEnd());
  return passed;
}

const results = await Promise.all(checks.map(report));
if (results.includes(false)) process.exitCode = 1;
