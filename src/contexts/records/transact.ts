import type { AuditEntry } from '#audit';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { guarded } from './allow.ts';
import { type Apply, commit } from './commit.ts';
import type { Inside } from './inside.ts';
import type { Store } from './store.ts';

type Asked = { readonly store: Store; readonly caller: Caller };

/** What stands around the changes in their transaction. */
export type Frame<T> = {
  /** Goes before everything else; what it throws ends the transaction. */
  readonly first?: (tx: Transaction) => Promise<void>;
  /** Goes after everything else, with what will be answered. */
  readonly keep?: (tx: Transaction, result: T) => Promise<void>;
  /** All is done, told, and taken back: `Prefer: validate-only`. */
  readonly rehearsal?: boolean;
};

export type Within = Asked & Inside;

/**
 * A write that must look at the store before it knows what to change: everything in one
 * transaction, begun again when another was quicker. What it told the audit of its looking stays
 * told when it is refused or taken back.
 */
export function transact<T>(
  asked: Asked & { readonly frame?: Frame<T> | undefined },
  deed: (within: Within, apply: Apply) => Promise<T>,
): Promise<T> {
  const { store, caller, frame = {} } = asked;
  const bare = frame.keep === undefined && frame.rehearsal !== true;
  return guarded(store, caller, async () => {
    const told: AuditEntry[] = [];
    try {
      return await commit(store, caller, async (tx, apply) => {
        told.length = 0;
        await frame.first?.(tx);
        const result = await deed({ store, caller, tx, told }, (changes, last) =>
          apply(changes, last && bare),
        );
        if (frame.rehearsal === true) throw new TakenBack(result);
        await frame.keep?.(tx, result);
        return result;
      });
    } catch (error) {
      const rehearsed = error instanceof TakenBack;
      const entries = rehearsed ? [...told, rehearsalEntry(caller)] : told;
      if (entries.length > 0) await store.audit.release(caller.principal.tenant, entries);
      if (rehearsed) return error.result as T;
      throw error;
    }
  });
}

/** Ends a transaction that was only tried. */
class TakenBack extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super('taken back');
    this.result = result;
  }
}

function rehearsalEntry(caller: Caller): AuditEntry {
  const note = { preference: 'validate-only' };
  return { type: 'record.validate', action: 'E', outcome: 'success', caller, note };
}
