import type { Phi } from '#phi';
import type { Route } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import type { Sql } from '../../platform/postgres/sql.ts';
import type { CheckpointSigner } from './checkpoint-signer.ts';
import type { AuditEntry } from './entry.ts';
import { exportAudit } from './export.ts';
import { forgetPatient } from './forget.ts';
import { type IntegrityReport, openIntegrity } from './integrity.ts';
import type { Permits } from './problems.ts';
import { openRelease } from './release.ts';
import { auditRoutes } from './routes.ts';
import { type LogFilter, type LogPage, searchLog } from './search.ts';
import { openSequencer } from './sequencer.ts';
import { openWriter } from './write.ts';

export type Audit = {
  /** In the caller's transaction. One statement however many entries. */
  write(tx: Transaction, entries: readonly AuditEntry[]): Promise<void>;
  /** The statements `write` would send, for a caller that sends them with its own last ones. */
  statements(tx: Transaction, entries: readonly AuditEntry[]): Promise<readonly Sql[]>;
  /**
   * Durable when it resolves: whoever waits meanwhile shares the next commit. Rejects when the rows
   * are not written, and then the answer must not leave; 503 when 10,000 entries wait.
   */
  release(tenant: number, entries: readonly AuditEntry[]): Promise<void>;
  /**
   * With the destruction of a patient's key, in its transaction: clears the ids. Returns how many.
   */
  forgetPatient(tx: Transaction, patientId: string): Promise<number>;
  /** A page of the log, newest first; its reader is to be audited as any other. */
  search(
    tenant: number,
    filter: LogFilter,
    page: { limit: number; cursor?: string },
  ): Promise<LogPage>;
  /** Verifies the whole log; asked twice at once, it runs once. */
  integrity(tenant: number): Promise<IntegrityReport>;
  /** The sequenced log as lines of JSON, for verifyExport. */
  export(tenant: number): AsyncIterable<string>;
  /** Seconds the oldest committed event waits for its place in the tree, for a metric. */
  lag(tenant: number): Promise<number>;
  readonly routes: readonly Route[];
  /** Starts the sequencer: events enter the tree within 200 ms, a checkpoint at most every 10 s. */
  start(): void;
  /** After the last write: waits for releases, sequences and signs what is committed. */
  stop(): Promise<void>;
};

export type AuditParts = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Permits;
  readonly signer: CheckpointSigner;
  readonly log: Log;
  readonly tenants: () => Promise<readonly number[]>;
};

export function openAudit(parts: AuditParts): Audit {
  const { database, phi, signer, log } = parts;
  const writer = openWriter(phi);
  const { release: commit, drained } = openRelease(database, writer);
  const sequencer = openSequencer({ ...parts, floor: writer.floor, actors: writer.actors });
  const integrity = openIntegrity({ database, phi, signer }, sequencer, log);
  const release: Audit['release'] = async (tenant, entries) => {
    await commit(tenant, entries);
    sequencer.nudge(tenant);
  };
  return {
    async write(tx, entries) {
      const { all } = await writer.statements(tx, entries);
      await Promise.all(all.map((one) => tx.run(one)));
      sequencer.nudge(tx.tenant);
    },
    async statements(tx, entries) {
      const { all } = await writer.statements(tx, entries);
      sequencer.nudge(tx.tenant);
      return all;
    },
    release,
    forgetPatient,
    search: (tenant, filter, page) =>
      database.transaction(tenant, (tx) => searchLog(tx, phi, filter, page)),
    integrity,
    export: (tenant) => exportAudit(database, signer, tenant),
    lag: sequencer.lag,
    routes: auditRoutes({ ...parts, integrity, release }),
    start: sequencer.start,
    async stop() {
      await drained();
      await sequencer.stop();
    },
  };
}
