import type { Phi } from '#phi';
import type { Log } from '../../platform/log.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import type { AuditEntry } from './entry.ts';
import { openRelease } from './release.ts';
import { openWriter } from './write.ts';

export type { AuditEntry, Unproven } from './entry.ts';

export type Audit = {
  /** In the caller's transaction. One statement however many entries. */
  write(tx: Transaction, entries: readonly AuditEntry[]): Promise<void>;
  /** Durable when it resolves. Refuses with 503 when too much waits. */
  release(tenant: number, entries: readonly AuditEntry[]): Promise<void>;
};

export function openAudit(parts: { database: Database; phi: Phi; log: Log }): Audit {
  const writer = openWriter(parts.phi);
  const { release } = openRelease(parts.database, writer);
  return {
    async write(tx, entries) {
      await writer.write(tx, entries);
    },
    release,
  };
}
