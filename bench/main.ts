import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Claim, type Result, resultOf } from './claim.ts';
import { create } from './create.ts';
import { disk } from './disk.ts';
import { exporting } from './export.ts';
import { machineLine } from './harness/machine.ts';
import { openScratch, type Scratch } from './harness/scratch.ts';
import { profileInto } from './harness/server-under-test.ts';
import { load } from './load.ts';
import { read } from './read.ts';
import { sealAndAudit } from './seal-and-audit.ts';
import { search } from './search.ts';
import { start } from './start.ts';
import { table } from './table.ts';
import { terminology } from './terminology.ts';
import { transaction } from './transaction.ts';
import { validate } from './validate.ts';

const claims: readonly Claim[] = [
  read,
  load,
  create,
  transaction,
  search,
  exporting,
  disk,
  start,
  sealAndAudit,
  validate,
  terminology,
];

const usage = `npm run bench [name…] [-- options]

Measures what the project says about its speed and size, each figure beside what this machine's
PostgreSQL does bare in the same run. Starts what it needs on free ports and in temporary folders,
and leaves nothing behind.

Names (all when none is given)
${claims.map(({ name, summary }) => `  ${name.padEnd(15)} ${summary}`).join('\n')}

Options
  --json FILE      also write the results there, with every run
  --runs N         how often each figure is taken; the median counts (3)
  --seconds N      seconds of load per run (5)
  --size N         resources to search among, may be given several times (100000)
  --profile DIR    each server writes a CPU profile there when it ends (the load is slower with it)

Exit code: 0 measured, 1 something failed, 2 not understood. A goal missed is told, not a failure.

Examples
  npm run bench read
  npm run bench read load -- --json results.json
`;

const options = {
  json: { type: 'string' },
  runs: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '5' },
  size: { type: 'string', multiple: true },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

let scratch: Scratch = openScratch();
let stopping = false;

type Asked = {
  claims: readonly Claim[];
  runs: number;
  seconds: number;
  sizes: readonly number[];
  json: string | undefined;
};

async function main(args: string[]): Promise<number> {
  const asked = understood(args);
  if (typeof asked === 'string') {
    process.stderr.write(asked === '' ? '' : `bench: ${asked}\n\n`);
    (asked === '' ? process.stdout : process.stderr).write(usage);
    return asked === '' ? 0 : 2;
  }
  // Before a quarter of an hour of work, not after it.
  if (asked.json !== undefined) await writeFile(asked.json, '[]\n');
  const { results, failed } = await measure(asked);
  process.stdout.write(`\n${table(results)}`);
  if (asked.json !== undefined) {
    await writeFile(asked.json, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  return failed ? 1 : 0;
}

/** What is asked for; or what is not understood, empty for --help. */
function understood(args: string[]): Asked | string {
  try {
    const { values, positionals: names } = parseArgs({ args, allowPositionals: true, options });
    if (values.help === true) return '';
    const unknown = names.find((name) => !claims.some((claim) => claim.name === name));
    if (unknown !== undefined) return `there is no claim ${unknown}.`;
    const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
    if (!Number.isInteger(runs) || runs < 1) return '--runs takes a whole number from 1.';
    if (!(seconds > 0)) return '--seconds takes a number above 0.';
    const sizes = (values.size ?? ['100000']).map(Number);
    if (!sizes.every((one) => Number.isInteger(one) && one >= 1000)) {
      return '--size takes a whole number from 1000.';
    }
    if (values.profile !== undefined) profileInto(values.profile);
    const asked = claims.filter(({ name }) => names.length === 0 || names.includes(name));
    return { claims: asked, runs, seconds, sizes, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : 'the arguments are not understood.';
  }
}

/** A claim that fails is told, and the others are still measured. */
async function measure({ claims: asked, runs, seconds, sizes }: Asked) {
  const results: Result[] = [];
  let failed = false;
  process.stdout.write(`${await within((own) => machineLine(own))}\n`);
  for (const claim of asked) {
    const say = (line: string) => void process.stderr.write(`${claim.name}: ${line}\n`);
    try {
      const figures = await within((own) => claim.run({ scratch: own, runs, seconds, sizes, say }));
      results.push(...figures.map(resultOf));
    } catch (error) {
      if (stopping) throw error;
      failed = true;
      say(`FAILED: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return { results, failed };
}

/** A claim's processes and folders end with it. */
async function within<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  if (stopping) throw new Error('The bench is ending.');
  scratch = openScratch();
  try {
    return await work(scratch);
  } finally {
    await scratch.close();
  }
}

function interrupted(code: number): void {
  if (stopping) return;
  stopping = true;
  process.stderr.write('bench: stopping what it started…\n');
  void scratch.close().finally(() => process.exit(code));
}
// A reader that left (`| head`) is no reason to leave servers behind.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
process.on('SIGINT', () => interrupted(130));
process.on('SIGTERM', () => interrupted(143));
process.on('SIGHUP', () => interrupted(129));
process.on('uncaughtException', (error) => {
  process.stderr.write(`bench: ${error.stack}\n`);
  interrupted(1);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!stopping) {
    process.stderr.write(`bench: ${error instanceof Error ? error.stack : 'failed'}\n`);
    process.exitCode = 1;
  }
}
