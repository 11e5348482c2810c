import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openAccess } from '#access';
import {
  type Audit,
  type AuditEntry,
  type CheckpointSigner,
  openAudit,
  openCheckpointSigner,
} from '#audit';
import { localKeyProvider, openPhi, type Phi } from '#phi';
import { openLog } from '../src/platform/log.ts';
import type { Database } from '../src/platform/postgres/database.ts';
import type { Caller } from '../src/platform/principal.ts';
import { testDatabase } from './database.ts';

export type TestAudit = {
  audit: Audit;
  phi: Phi;
  database: Database;
  signer: CheckpointSigner;
  folder: string;
  url: string;
  /** As the superuser, whom row-level security does not bind. */
  tamper(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Another process on the same database. */
  again(database?: Database): Audit;
  newTenant(tenant: number): Promise<void>;
  close(): Promise<void>;
};

/** The context on a real PostgreSQL with real keys and policies. The sequencer is not started. */
export async function testAudit(): Promise<TestAudit> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const contexts = join(import.meta.dirname, '../src/contexts');
  const t = await testDatabase(
    ['phi', 'audit'].map((context) => ({ context, folder: join(contexts, context, 'migrations') })),
    'alone',
  );
  const phi = openPhi(t.database, await localKeyProvider(folder));
  const signer = await openCheckpointSigner(folder);
  const superuser = new pg.Client({ connectionString: t.url });
  await superuser.connect();
  const made: number[] = [];
  const again = (database = t.database) =>
    openAudit({
      ...{ database, phi, signer, access: openAccess(), log: openLog('silent') },
      tenants: async () => made,
    });
  return {
    ...{ audit: again(), phi, database: t.database, signer, folder, url: t.url, again },
    tamper: async (text, values = []) => (await superuser.query(text, values)).rows,
    async newTenant(tenant) {
      await t.database.transaction(tenant, (tx) => phi.createTenant(tx));
      made.push(tenant);
    },
    async close() {
      await superuser.end();
      await t.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function callerOf(tenant: number, roles = ['doctor'], id: string = randomUUID()): Caller {
  return {
    principal: { tenant, kind: 'user', id, roles, session: 's' },
    ip: '192.0.2.7',
    agent: 'Browser of Wintermere',
    correlation: randomUUID(),
    purpose: 'TREAT',
  };
}

/** A doctor's read of a record of patient `p<subject>`. */
export function readOf(caller: Caller, subject: bigint, resourceId: string): AuditEntry {
  return {
    ...{ type: 'record.read', action: 'R', outcome: 'success', caller, version: 3 },
    ...{ resourceType: 'Observation', resourceId, patientId: `p${subject}`, subject },
    ...{ groups: ['clinical', 'identity'], because: 'doctor-treatment' },
  };
}
