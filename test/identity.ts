import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openAccess } from '#access';
import { type Audit, type AuditEntry, openAudit, openCheckpointSigner } from '#audit';
import { type Identity, openIdentity, openSigningKeys, type SigningKeys } from '#identity';
import { localKeyProvider, openPhi } from '#phi';
import { buildServer } from '../src/platform/http/server.ts';
import { openLog } from '../src/platform/log.ts';
import { xmlOfResources } from '../src/standards/fhir/xml/resource-xml.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export const password = 'correct horse battery staple';

export type TestIdentity = {
  t: TestDatabase;
  folder: string;
  keys: SigningKeys;
  identity: Identity;
  /** Another process on the same database, with the same keys unless others are given. */
  again(other?: SigningKeys): Promise<Identity>;
  server: FastifyInstance;
  entries: AuditEntry[];
  tenant: number;
  /** Moves the clock the rules read. */
  pass(seconds: number): void;
  now(): Date;
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, token?: string): Promise<Answer>;
  close(): Promise<void>;
};

export type Answer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: AnswerBody;
};

/** The members any answer of /api/v1/auth may have; a test says which it expects. */
type AnswerBody = {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
  refresh_expires_in: number;
  session_id: string;
  user: { id: string; roles: string[]; patient_id?: string };
  error: { code: string; message: string; details: { reason?: string } };
  valid: boolean;
  expires_at: string;
  id: string;
  kind: string;
  email: string;
  name: string;
  client_id: string;
  roles: string[];
  permissions: string[];
  keys: Record<string, string>[];
};

/** The context on a real PostgreSQL behind the real server, with a clock to turn. */
export async function testIdentity(): Promise<TestIdentity> {
  const folder = await mkdtemp(join(tmpdir(), 'identity-'));
  const contexts = join(import.meta.dirname, '../src/contexts');
  const t = await testDatabase(
    ['phi', 'audit', 'identity'].map((context) => ({
      context,
      folder: join(contexts, context, 'migrations'),
    })),
  );
  const keys = await openSigningKeys(folder);
  const phi = openPhi(t.database, await localKeyProvider(folder));
  const log = openLog('silent');
  const entries: AuditEntry[] = [];
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead * 1000);
  const access = openAccess();
  const tenants = async () => [1];
  const signer = await openCheckpointSigner(join(folder, 'keys'));
  const parts = { database: t.database, phi, access, log, tenants, signer };
  const audit = recording(openAudit(parts), entries);
  const again = (other: SigningKeys = keys) => openIdentity({ ...parts, audit, keys: other, now });
  const identity = await again();
  const server = buildServer({
    routes: identity.routes,
    log,
    authenticate: identity.authenticate,
    answered: () => undefined,
    bodyLimit: 1_000_000,
    xml: xmlOfResources,
  });
  const { tenant } = await identity.createTenant('Lakeside Clinic');
  await identity.createAccount(tenant, {
    email: 'Doctor@Lakeside.test',
    password,
    name: 'Rosalind Wintermere',
    roles: ['doctor'],
  });
  return {
    t,
    folder,
    keys,
    identity,
    again,
    server,
    entries,
    tenant,
    now,
    pass(seconds) {
      ahead += seconds;
    },
    post: (path, body, headers) => ask(server, 'POST', path, { body, headers }),
    get: (path, token) =>
      ask(server, 'GET', path, { headers: token ? { authorization: `Bearer ${token}` } : {} }),
    async close() {
      await server.close();
      await t.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask(
  server: FastifyInstance,
  method: 'GET' | 'POST',
  url: string,
  given: { body?: object | undefined; headers?: Record<string, string> | undefined },
): Promise<Answer> {
  const { body, headers = {} } = given;
  const answer = await server.inject({
    method,
    url,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { payload: JSON.stringify(body) } : {}),
  });
  const text = answer.body;
  const parsed = (text === '' ? undefined : JSON.parse(text)) as AnswerBody;
  return { status: answer.statusCode, headers: answer.headers, text, body: parsed };
}

/** The real log, and beside it what it was told. */
function recording(audit: Audit, entries: AuditEntry[]): Audit {
  return {
    ...audit,
    write(tx, written) {
      entries.push(...written);
      return audit.write(tx, written);
    },
    release(tenant, written) {
      entries.push(...written);
      return audit.release(tenant, written);
    },
  };
}
