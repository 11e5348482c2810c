import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Store } from '../store.ts';
import type { Task } from '../write.ts';
import type { NewVersion } from '../write-rows.ts';
import { insertChanges, type Subscriber } from './outbox.ts';

/** The versions a transaction makes, put into the outbox where somebody watches their type. */
export async function tellChanges(
  { store, tx, now }: { store: Store; tx: Transaction; now: Date },
  tasks: readonly Task[],
  made: readonly NewVersion[],
): Promise<void> {
  if (made.length === 0) return;
  const count = await insertChanges(tx, made, subscribersIn(tasks), now);
  if (count > 0) store.changed(tx.tenant);
}

/** Who wrote the Subscriptions among the changes, by their id. */
function subscribersIn(tasks: readonly Task[]): Map<string, Subscriber> {
  const found = new Map<string, Subscriber>();
  for (const { change, author } of tasks) {
    const { type, id } = change.deed === 'delete' ? change : change.prepared;
    if (type !== 'Subscription') continue;
    const { principal, purpose } = author.caller;
    found.set(id, { kind: principal.kind, id: principal.id, purpose });
  }
  return found;
}
