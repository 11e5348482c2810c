import { relative, resolve } from 'node:path';
import { nearestName } from './nearest-name.ts';
import { atLeast, choice, type Setting, secret, text, whole } from './setting.ts';

const MIB = 1024 * 1024;

/** Shorter than a real account's: it opens made-up patients only. */
export const DEMO_PASSWORD_LENGTH = 12;

/** Every setting there is, in the order the documents list them. */
export const settings = {
  host: text('HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 is every network of the machine.'),
  port: whole('PORT', 8080, [0, 65_535], 'Port to listen on; 0 takes a free one.'),
  baseUrl: text(
    'MEDCONNECT_BASE_URL',
    '',
    'Address callers reach this server at (https://api.example.org), for links it writes. ' +
      'Unset: http:// with HOST and PORT.',
  ),
  mode: choice(
    'NODE_ENV',
    ['development', 'test', 'production'],
    'In production there is no demo tenant, and the secrets marked so must be given.',
  ),
  dataFolder: text(
    'MEDCONNECT_DATA',
    '.medconnect',
    'Folder of everything this server keeps: the database it starts itself, keys, demo secrets.',
  ),
  databaseUrl: secret(
    'DATABASE_URL',
    'PostgreSQL 15 or newer to use (postgresql://user:password@host/database). ' +
      'Unset: MedConnect starts one of its own in the data folder.',
    (given) =>
      /^postgres(ql)?:\/\/./.test(given)
        ? undefined
        : 'is not an address of PostgreSQL; write postgresql://user:password@host/database.',
  ),
  databaseConnections: whole(
    'MEDCONNECT_DATABASE_CONNECTIONS',
    10,
    [2, 500],
    'Connections to PostgreSQL this process may hold.',
  ),
  statementTimeoutMs: whole(
    'MEDCONNECT_STATEMENT_TIMEOUT_MS',
    30_000,
    [100, 3_600_000],
    'Milliseconds after which PostgreSQL gives up a statement.',
  ),
  bodyLimit: whole(
    'MEDCONNECT_BODY_LIMIT',
    50 * MIB,
    [MIB, 1024 * MIB],
    'Bytes a FHIR request body may have; every other path accepts 1 MiB.',
  ),
  keyring: text(
    'MEDCONNECT_KEYRING',
    '',
    'Folder under which the keys lie (keys/), made at the first start. Back it up apart from the ' +
      'data: without it nothing stored can be read. Needed in production, outside the data ' +
      'folder. Unset elsewhere: the data folder itself.',
  ),
  packages: text(
    'FHIR_PACKAGES',
    '',
    'FHIR packages whose profiles and value sets every tenant has: folders, .tgz or .tar.xz, apart ' +
      'by commas. Unset: none beside R4 itself.',
  ),
  accessTokenSeconds: whole(
    'MEDCONNECT_ACCESS_TOKEN_SECONDS',
    900,
    [60, 86_400],
    'Seconds an access token lives.',
  ),
  logLevel: choice(
    'MEDCONNECT_LOG_LEVEL',
    ['info', 'debug', 'trace', 'warn', 'error', 'fatal', 'silent'],
    'How much is logged (JSON lines on stderr).',
  ),
  metrics: choice(
    'MEDCONNECT_METRICS',
    ['open', 'authenticated'],
    'Who may read /metrics: anyone who reaches the port (it names no tenant and no patient), ' +
      "or holders of the permission 'metrics.read'.",
  ),
  importHosts: text(
    'MEDCONNECT_IMPORT_HOSTS',
    '',
    'Hosts, with commas between them, that $import may fetch files from over https. Unset: none; ' +
      'files are sent with the request.',
  ),
  answerLinks: choice(
    'MEDCONNECT_ANSWER_LINKS',
    ['token', 'signed'],
    'How files of an export are fetched: with the bearer token of who asked, or by a link of the ' +
      'manifest that is valid for an hour and needs none.',
  ),
  demoPassword: secret(
    'MEDCONNECT_DEMO_PASSWORD',
    'Password of the demo accounts, read when they are made. Unset: a random one, printed once.',
    atLeast(DEMO_PASSWORD_LENGTH),
  ),
  demoClientSecret: secret(
    'MEDCONNECT_DEMO_CLIENT_SECRET',
    'Secret of the client demo-backend, read when it is made. Unset: a random one, printed once.',
    atLeast(16),
  ),
  adminPassword: secret(
    'MEDCONNECT_ADMIN_PASSWORD',
    'Password for `medconnect admin create`. Unset: it asks.',
    atLeast(15),
  ),
} as const;

type Settings = typeof settings;
export type Config = {
  readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every mistake at once, so that nobody mends one only to meet the next. Empty counts as unset. */
export function readConfig(env: Environment): { config: Config } | { mistakes: string[] } {
  const mistakes = unknownNames(env);
  const config: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const given = env[setting.name];
    const result = setting.read(given === '' ? undefined : given);
    if ('mistake' in result) mistakes.push(`${setting.name} ${result.mistake}`);
    else config[key] = result.value;
  }
  mistakes.push(...productionMistakes(env));
  if (mistakes.length > 0) return { mistakes };
  // Each key was read by the setting that types it.
  const complete = config as Config;
  const dataFolder = resolve(complete.dataFolder);
  const keyring = complete.keyring === '' ? dataFolder : resolve(complete.keyring);
  const baseUrl = (complete.baseUrl || `http://${hostText(complete)}`).replace(/\/+$/, '');
  return { config: { ...complete, dataFolder, keyring, baseUrl } };
}

/** What listens on every network is linked to by its own machine's name for itself. */
export function hostText({ host, port }: Pick<Config, 'host' | 'port'>): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function productionMistakes(env: Environment): string[] {
  if (env['NODE_ENV'] !== 'production') return [];
  const mistakes: string[] = [];
  const keyring = env[settings.keyring.name];
  const data = resolve(env[settings.dataFolder.name] || settings.dataFolder.fallback);
  if (!keyring) {
    mistakes.push(
      'MEDCONNECT_KEYRING is needed in production: a folder for the keys, apart from the data.',
    );
  } else if (!relative(data, resolve(keyring)).startsWith('..')) {
    mistakes.push(
      'MEDCONNECT_KEYRING is inside the data folder: one stolen copy would hold data and keys.',
    );
  }
  for (const { name } of [settings.demoPassword, settings.demoClientSecret]) {
    if (env[name]) mistakes.push(`${name} is set, and production has no demo accounts: unset it.`);
  }
  return mistakes;
}

/** MEDCONNECT_TEST_… is how a test run speaks to its own processes. */
function unknownNames(env: Environment): string[] {
  const known = Object.values(settings).map((setting): string => setting.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('MEDCONNECT_') && !name.startsWith('MEDCONNECT_TEST_'))
    .filter((name) => !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearestName(name, known);
      return `${name} is not a setting${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}
