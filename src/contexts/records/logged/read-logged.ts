import { loggedOf } from '#audit';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type LoggedRecord, type LoggedType, tellerFor } from './logged-record.ts';

/** The form of an event's id; a stored record's may be anything, and is looked for first. */
const eventId = /^\d{1,18}-\d{1,10}$/;

export function isLoggedId(id: string): boolean {
  return eventId.test(id);
}

/** One event of the log, to who may know of it; 404 else, as for a record that is not there. */
export async function readLogged(
  { store, caller }: { store: Store; caller: Caller },
  type: LoggedType,
  id: string,
): Promise<LoggedRecord> {
  const { tenant } = caller.principal;
  const [tell, page] = await Promise.all([
    tellerFor(store, caller, type),
    store.audit.search(tenant, { id }, { limit: 1 }),
  ]);
  const [only] = page.entries;
  const record = only === undefined ? undefined : tell(loggedOf(only));
  const outcome = record === undefined ? 'denied' : 'success';
  await store.audit.release(tenant, [
    { type: 'audit.query', action: 'R', outcome, caller, resourceType: type, note: { event: id } },
  ]);
  return record ?? refuse(recordKinds.notFound, `${type}/${id} is not known.`);
}
