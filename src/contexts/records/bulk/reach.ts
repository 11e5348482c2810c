import type { Caller } from '../../../platform/principal.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import { ownSubject } from '../allow.ts';
import type { Store } from '../store.ts';
import type { PartOrder } from './part.ts';

/** What of a type an export may hold for this caller, and by which policies. */
export type ExportReach = Pick<PartOrder, 'own' | 'others'> & { readonly because: string };

/** The decision about a set, as a search's; undefined: nothing of the type. */
export async function exportReach(
  store: Store,
  caller: Caller,
  type: string,
): Promise<ExportReach | undefined> {
  const { principal, purpose } = caller;
  const { access } = store;
  const others = access.decide(principal, 'search', type, false, purpose);
  const own = access.decide(principal, 'search', type, true, purpose);
  const subject = await ownSubject(store, caller);
  const mine: Pick<PartOrder, 'own'> =
    own.permit && subject !== undefined ? { own: { subject, groups: list(own.groups) } } : {};
  if (others.permit) return { ...mine, others: list(others.groups), because: others.because };
  if (mine.own === undefined || !own.permit) return undefined;
  return { ...mine, because: own.because };
}

function list(groups: ReadonlySet<Group>): readonly Group[] {
  return [...groups];
}
