import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import pg from 'pg';
import { type App, openApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { eventTypes } from '../src/contexts/audit/event-type.ts';
import { openLog } from '../src/platform/log.ts';
import { migrationFolders } from '../src/store.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const password = 'correct horse battery staple';

export type Resource = { resourceType: string; id: string } & Record<string, unknown>;
export type Entry = {
  fullUrl?: string;
  resource: Resource & { total?: number; entry?: Entry[] };
  search?: { mode: string };
  request?: { method: string; url: string };
  response: {
    status: string;
    location?: string;
    etag?: string;
    lastModified?: string;
    outcome?: Outcome;
  };
};
export type Outcome = {
  resourceType: string;
  issue: {
    severity: string;
    code: string;
    diagnostics: string;
    expression?: string[];
    details: { text: string; coding?: { code: string }[] };
  }[];
};
/** The members a FHIR answer of ours may have; a test says which it expects. */
export type Body = Resource &
  Outcome & {
    type: string;
    meta: { versionId: string; lastUpdated: string } & Record<string, unknown>;
    total?: number;
    entry?: Entry[];
    link: { relation: string; url: string }[];
  };

export type Answer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: Body;
};

export type Given = { body?: object | string | Buffer; headers?: Record<string, string> };

/** One who may ask: `who.get('/fhir/Patient/1')`. */
export type Asker = {
  readonly token: string;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  post(url: string, body: object | string, headers?: Record<string, string>): Promise<Answer>;
  put(url: string, body: object | string, headers?: Record<string, string>): Promise<Answer>;
  remove(url: string, headers?: Record<string, string>): Promise<Answer>;
  /** POST _search. */
  form(url: string, fields: string, headers?: Record<string, string>): Promise<Answer>;
};

export type TestRecords = {
  t: TestDatabase;
  app: App;
  /** Where its keys and files lie. */
  folder: string;
  /** As the superuser, whom row-level security does not bind. */
  behind(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Of what type the audit has rows of this tenant, and how many. */
  audited(tenant: number): Promise<Record<string, number>>;
  /** As links name it. */
  baseUrl: string;
  newTenant(name: string): Promise<number>;
  /** Logged in; the account is made the first time. `patient`: whose record is theirs. */
  asker(tenant: number, role: string, patient?: string): Promise<Asker>;
  ask(token: string | undefined, method: Method, url: string, given?: Given): Promise<Answer>;
  close(): Promise<void>;
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';

/** The whole program, as `serve` composes it, on a database of its own; nothing listens. */
export async function testRecords(): Promise<TestRecords> {
  const folder = await mkdtemp(join(tmpdir(), 'records-'));
  const t = await testDatabase(await migrationFolders());
  const settings = readConfig({ NODE_ENV: 'test', MEDCONNECT_DATA: folder });
  if ('mistakes' in settings) throw new Error(settings.mistakes.join('\n'));
  const log = openLog(process.env['MEDCONNECT_TEST_LOG'] === 'error' ? 'error' : 'silent');
  const app = await openApp(settings.config, t.database, log);
  const ask = asking(app);
  const askers = new Map<string, Promise<Asker>>();
  const superuser = new pg.Client({ connectionString: t.url });
  await superuser.connect();
  const behind: TestRecords['behind'] = async (text, values = []) =>
    (await superuser.query(text, values)).rows;
  return {
    ...{ t, app, folder, ask, behind },
    async audited(tenant) {
      const text =
        'select type, count(*)::int as rows from audit.event where tenant = $1 group by 1';
      const rows = await behind(text, [tenant]);
      return Object.fromEntries(
        rows.map(({ type, rows: count }) => [eventTypes.name(Number(type)), Number(count)]),
      );
    },
    baseUrl: `${settings.config.baseUrl}/fhir`,
    newTenant: async (name) => (await app.identity.createTenant(name)).tenant,
    asker(tenant, role, patient) {
      const name = `${role}.${tenant}.${patient ?? ''}`;
      const known = askers.get(name) ?? login(app, { tenant, role, name, patient });
      askers.set(name, known);
      return known;
    },
    async close() {
      await app.stop(5000);
      await superuser.end();
      await t.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function asking(app: App): TestRecords['ask'] {
  return async (token, method, url, { body, headers = {} } = {}) => {
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const options: InjectOptions = {
      ...{ method, url },
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { payload: text }),
    };
    const answer = await app.server.inject(options);
    const json = answer.body === '' ? undefined : (JSON.parse(answer.body) as Body);
    return {
      ...{ status: answer.statusCode, headers: answer.headers, text: answer.body },
      // A test that reads a member of an empty body fails there, which is what it should.
      body: json as Body,
    };
  };
}

type Account = { tenant: number; role: string; name: string; patient: string | undefined };

async function login(app: App, { tenant, role, name, patient }: Account): Promise<Asker> {
  const email = `${name}@records.test`;
  await app.identity.createAccount(tenant, {
    ...{ email, password, roles: [role] },
    ...(patient === undefined ? {} : { patient }),
  });
  const answer = await app.server.inject({
    ...{ method: 'POST', url: '/api/v1/auth/login', payload: { email, password } },
    headers: { 'content-type': 'application/json' },
  });
  const { access_token: token } = answer.json() as { access_token: string };
  return askerOf(asking(app), token);
}

function askerOf(ask: TestRecords['ask'], token: string): Asker {
  const withBody = (body: object | string, headers?: Record<string, string>): Given =>
    headers === undefined ? { body } : { body, headers };
  const without = (headers?: Record<string, string>): Given =>
    headers === undefined ? {} : { headers };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    token,
    get: (url, headers) => ask(token, 'GET', url, without(headers)),
    post: (url, body, headers) => ask(token, 'POST', url, withBody(body, headers)),
    put: (url, body, headers) => ask(token, 'PUT', url, withBody(body, headers)),
    remove: (url, headers) => ask(token, 'DELETE', url, without(headers)),
    form: (url, fields, headers) =>
      ask(token, 'POST', url, { body: fields, headers: { ...type, ...headers } }),
  };
}

/** The ids of a Bundle's entries, in order; of one search mode when named. */
export function idsOf(answer: Answer, mode?: 'match' | 'include'): string[] {
  const entries = answer.body.entry ?? [];
  return entries
    .filter(({ search }) => search?.mode !== 'outcome')
    .filter(({ search }) => mode === undefined || search?.mode === mode)
    .map(({ resource }) => resource.id);
}

/** A link of a Bundle as a path the server takes; undefined when there is none. */
export function linkOf(answer: Answer, relation: string): string | undefined {
  const url = answer.body.link.find((one) => one.relation === relation)?.url;
  return url?.replace(/^https?:\/\/[^/]+/, '');
}

/** A Bundle to POST on the base. */
export function bundleOf(type: 'transaction' | 'batch', entry: object[]): object {
  return { resourceType: 'Bundle', type, entry };
}
