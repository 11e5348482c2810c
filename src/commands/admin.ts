import { parseArgs } from 'node:util';
import type { Environment } from '../config.ts';
import { Halt } from '../platform/halt.ts';
import { openLog } from '../platform/log.ts';
import { openRooms } from '../rooms.ts';
import { withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { askPassword } from './password-prompt.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect admin create --email ADDRESS [options]

Makes an account, the first administrator above all, whether the server runs or not. It asks for
the password without showing it; a script gives it in MEDCONNECT_ADMIN_PASSWORD.

Options
  --email ADDRESS   what the account logs in with
  --tenant NAME     whose account it is (main); made when there is none of that name
  --name NAME       the person's name
  --roles A,B       the account's roles (admin)

Examples
  medconnect admin create --email you@clinic.example
  medconnect admin create --email it@clinic.example --tenant clinic --roles admin,compliance
`;

const options = {
  email: { type: 'string' },
  tenant: { type: 'string', default: 'main' },
  name: { type: 'string' },
  roles: { type: 'string', default: 'admin' },
} as const;

export async function run(args: string[], env: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.join(' ') !== 'create')
    throw new Halt('Write: medconnect admin create --email …');
  if (values.email === undefined) throw new Halt('Whose account? Add --email ADDRESS.');
  const config = configOf(env);
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const account = {
    email: values.email,
    password: config.adminPassword ?? (await askPassword()),
    roles: values.roles.split(',').filter(Boolean),
    ...(values.name === undefined ? {} : { name: values.name }),
  };
  await withStore(config, log, progress(log), async ({ database }) => {
    const { identity } = await openRooms(config, database, log);
    const found = await identity.findTenant(values.tenant);
    const tenant = found ?? (await identity.createTenant(values.tenant)).tenant;
    if (found === undefined) process.stdout.write(`Made the tenant ${values.tenant}.\n`);
    const { id } = await identity.createAccount(tenant, account);
    process.stdout.write(`Made the account ${values.email} (${account.roles.join(', ')}): ${id}\n`);
  });
  return 0;
}
