import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type ExportVerdict, verifyExport } from '#audit';
import type { Environment } from '../config.ts';
import { codeOf } from '../platform/error-code.ts';
import { Halt } from '../platform/halt.ts';
import { openLog } from '../platform/log.ts';
import { openRooms } from '../rooms.ts';
import { withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect verify-audit [--tenant NAME]
medconnect verify-audit EXPORT --key KEY --checkpoint FILE

Without a file: reads the audit log of this store, each event against its hash, the chain, the tree
and every signed checkpoint, and tells the first thing that is not as it was written.
With a file: checks an export (GET /api/v1/audit/export) with nothing but the log's public key and a
checkpoint received earlier (GET /api/v1/audit/checkpoint): no database, no network, no trust in
whoever exported it.

Exit code 0: the log is whole. 1: it is not, or it could not be read.

Options
  --tenant NAME       only this tenant's log
  --key KEY           the log's public key, or a file that holds it
  --checkpoint FILE   a signed checkpoint, kept since it was received; - is standard input

Examples
  medconnect verify-audit
  medconnect verify-audit audit.ndjson --key log.vkey --checkpoint last-month.txt
`;

const options = {
  tenant: { type: 'string' },
  key: { type: 'string' },
  checkpoint: { type: 'string' },
} as const;

export async function run(args: string[], env: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [file, more] = positionals;
  if (more !== undefined) throw new Halt('One export at a time. See --help.');
  if (file === undefined) return verifyStore(values.tenant, env);
  const { key, checkpoint } = values;
  if (key === undefined || checkpoint === undefined) {
    throw new Halt('An export is checked against --key and --checkpoint. See --help.');
  }
  const trusted = { publicKey: await keyOf(key), checkpoint: await textOf(checkpoint) };
  if (!(await isFile(file))) throw new Halt(`${file} is not a file.`);
  return tellExport(await verifyExport(createReadStream(file), trusted));
}

function tellExport({ status, checked, signed, defects }: ExportVerdict): number {
  for (const { says } of defects) process.stdout.write(`${says}\n`);
  const covered = `${checked} events, ${signed} of them under the checkpoint`;
  process.stdout.write(`${status === 'valid' ? 'Valid' : 'BROKEN'}: ${covered}.\n`);
  return status === 'valid' ? 0 : 1;
}

async function verifyStore(name: string | undefined, env: Environment): Promise<number> {
  const config = configOf(env);
  const log = openLog(config.logLevel === 'info' ? 'fatal' : config.logLevel);
  return withStore(config, log, progress(log), async ({ database }) => {
    const { audit, identity } = await openRooms(config, database, log);
    const found = name === undefined ? undefined : await identity.findTenant(name);
    if (name !== undefined && found === undefined) throw new Halt(`There is no tenant ${name}.`);
    let whole = true;
    for (const tenant of found === undefined ? await identity.tenants() : [found]) {
      const { status, checked, first_broken: first } = await audit.integrity(tenant);
      whole &&= status === 'valid';
      const verdict = first === null ? 'valid' : `BROKEN. ${first.says}`;
      process.stdout.write(`Tenant ${tenant}: ${checked} events, ${verdict}\n`);
    }
    return whole ? 0 : 1;
  });
}

/** A key is one line with a plus in it and no file is called like that; anything else is a file. */
async function keyOf(given: string): Promise<string> {
  return given.includes('+') && !(await isFile(given)) ? given : (await textOf(given)).trim();
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (cause) {
    throw new Halt(`${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
