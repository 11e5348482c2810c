import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '#identity';
import { type Config, DEMO_PASSWORD_LENGTH } from './config.ts';
import { codeOf } from './platform/error-code.ts';
import { Problem } from './platform/problem.ts';
import type { Say } from './store.ts';

/** Puts those demo patients into the tenant that are not there yet; `patient` gets the account. */
export type LoadDemo = (tenant: number) => Promise<{ patient: string }>;

export type DemoParts = { config: Config; identity: Identity; say: Say; loadDemo?: LoadDemo };

export const DEMO_TENANT = 'demo';
const CLIENT = 'demo-backend';
const roles = [
  'admin',
  'doctor',
  'nurse',
  'staff',
  'billing',
  'researcher',
  'integration',
  'compliance',
  'patient',
] as const;

/** Secrets made here; those the settings gave are neither kept nor shown. */
type Secrets = { password?: string; client_secret?: string; complete: boolean };

/**
 * Makes the demo tenant on the first start of a sandbox, or finishes one that was killed half way.
 * Returns what to print, once; undefined when there is nothing to do. A store with tenants of its
 * own and no demo is somebody's real one and left alone.
 */
export async function makeDemo(parts: DemoParts): Promise<string | undefined> {
  const { config, identity, say } = parts;
  const file = join(config.dataFolder, 'demo-secrets.json');
  const [found, kept] = await Promise.all([identity.findTenant(DEMO_TENANT), readSecrets(file)]);
  if (found === undefined && (await identity.tenants()).length > 0) return undefined;
  if (found !== undefined && kept?.complete !== false) return undefined;
  say('Making the demo tenant (once)…');
  const secrets = kept ?? newSecrets(config);
  await writeSecrets(file, { ...secrets, complete: false });
  const tenant = found ?? (await identity.createTenant(DEMO_TENANT)).tenant;
  const loaded = await parts.loadDemo?.(tenant);
  await makeAccounts(parts, secrets, tenant, loaded?.patient);
  await writeSecrets(file, { ...secrets, complete: true });
  return told(secrets, file);
}

function newSecrets({ demoPassword, demoClientSecret }: Config): Secrets {
  return {
    ...(demoPassword === undefined ? { password: randomSecret() } : {}),
    ...(demoClientSecret === undefined ? { client_secret: randomSecret() } : {}),
    complete: false,
  };
}

/** 96 bits: nobody guesses it, and no shell or terminal takes a letter of it for its own. */
function randomSecret(): string {
  return randomBytes(12).toString('hex');
}

async function makeAccounts(
  { config, identity }: DemoParts,
  secrets: Secrets,
  tenant: number,
  patient: string | undefined,
): Promise<void> {
  const password = secrets.password ?? config.demoPassword ?? randomSecret();
  const secret = secrets.client_secret ?? config.demoClientSecret ?? randomSecret();
  await Promise.all([
    ...roles.map((role) =>
      unlessThere(
        identity.createAccount(tenant, {
          email: `${role}@medconnect.test`,
          name: `Demo ${role}`,
          password,
          minimumLength: DEMO_PASSWORD_LENGTH,
          roles: [role],
          ...(role === 'patient' && patient !== undefined ? { patient } : {}),
        }),
      ),
    ),
    unlessThere(
      identity.createClient(tenant, { clientId: CLIENT, secret, roles: ['integration'] }),
    ),
  ]);
}

/** One made before the process was killed is as good. */
async function unlessThere(made: Promise<unknown>): Promise<void> {
  await made.catch((error: unknown) => {
    if (!(error instanceof Problem && error.kind.code === 'NAME_TAKEN')) throw error;
  });
}

function told(secrets: Secrets, file: string): string {
  const password = secrets.password ?? 'as MEDCONNECT_DEMO_PASSWORD says';
  const secret = secrets.client_secret ?? 'as MEDCONNECT_DEMO_CLIENT_SECRET says';
  return `
Demo tenant, for trying; shown once, kept in ${file}
  accounts       ${roles.slice(0, 5).join(', ')},
                 ${roles.slice(5).join(', ')} @medconnect.test
  password       ${password}
  client         ${CLIENT}
  client secret  ${secret}
`;
}

async function readSecrets(file: string): Promise<Secrets | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const found: unknown = JSON.parse(text);
  if (typeof found !== 'object' || found === null) return undefined;
  const { password, client_secret, complete } = { ...found } as Record<string, unknown>;
  return {
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof client_secret === 'string' ? { client_secret } : {}),
    complete: complete === true,
  };
}

/** Renamed into place, so that a killed process leaves the old file or the new one. */
async function writeSecrets(file: string, secrets: Secrets): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
