import type { Action, Decision, Reach } from '#access';
import type { AuditEntry } from '#audit';
import type { Caller } from '../../platform/principal.ts';
import { kinds, Problem } from '../../platform/problem.ts';
import { type Group, groups } from '../../standards/fhir/sensitivity.ts';
import { selfName } from './blind-name.ts';
import type { Change, Put } from './change.ts';
import type { Prepared } from './prepare.ts';
import type { Store } from './store.ts';
import type { Stored } from './stored.ts';

/** A refusal by policy: `guarded` writes its audit row before the caller hears of it. */
export class AccessDenied extends Problem {
  readonly entry: AuditEntry;

  constructor(entry: AuditEntry, hidden: boolean) {
    super(
      hidden ? kinds.notFound : kinds.authorizationDenied,
      hidden
        ? `${entry.resourceType}/${entry.resourceId} is not known.`
        : `Your roles do not allow this on ${entry.resourceType ?? 'this'} (${entry.because}).`,
    );
    this.entry = entry;
  }
}

function isDenied(error: unknown): error is AccessDenied {
  return error instanceof AccessDenied;
}

/**
 * Runs an interaction; a denial is durable in the audit before it is answered, also one that a
 * Bundle's entry was named in (bundle/entry.ts).
 */
export async function guarded<T>(store: Store, caller: Caller, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const denied = error instanceof Problem && !isDenied(error) ? error.cause : error;
    if (isDenied(denied)) {
      await store.audit.release(caller.principal.tenant, [denied.entry]);
    } else if (error instanceof Problem && error.kind.status === 403) {
      await store.audit.release(caller.principal.tenant, [unseenAsked(caller)]);
    }
    throw error;
  }
}

/** A search by what the caller does not see (search/visible.ts): refused while it is read. */
function unseenAsked(caller: Caller): AuditEntry {
  const type = 'access.denied';
  return { type, action: 'E', outcome: 'denied', caller, because: 'asked-by-unseen-group' };
}

type Asked = { store: Store; caller: Caller; action: Action; type: string; id?: string };

/** What the caller may see of a type at all; throws AccessDenied for nothing. */
export function requireReach(asked: Asked): Exclude<Reach, { kind: 'none' }> {
  const { store, caller, action, type } = asked;
  const reach = store.access.reach(caller.principal, action, type, caller.purpose);
  if (reach.kind === 'none') throw new AccessDenied(denial(asked, reach.because), false);
  return reach;
}

/**
 * The decision about one stored record; throws AccessDenied, as "not known" to who may see only
 * their own.
 */
export async function requireRead(
  asked: Asked & { id: string },
  stored: Stored,
): Promise<Extract<Decision, { permit: true }>> {
  const own = await isOwn(asked.store, asked.caller, stored.subject);
  const { store, caller, action, type } = asked;
  const decision = store.access.decide(caller.principal, action, type, own, caller.purpose);
  if (!decision.permit) throw new AccessDenied(denial(asked, decision.because), true);
  return decision;
}

export async function isOwn(store: Store, caller: Caller, subject: bigint): Promise<boolean> {
  return subject !== 0n && subject === (await ownSubject(store, caller));
}

/** The caller's own patient compartment, as rows name it. */
export async function ownSubject(store: Store, caller: Caller): Promise<bigint | undefined> {
  const { patient, tenant } = caller.principal;
  if (patient === undefined) return undefined;
  return selfName(await store.phi.hasher(tenant), 'Patient', patient);
}

type Work = { store: Store; caller: Caller; own: bigint | undefined };

/** Both what is there and what shall be there must be the caller's to write. */
export function allowWrite(work: Work, change: Change, current: Stored | undefined): void {
  const deletes = change.deed === 'delete';
  const { type, id } = deletes ? change : change.prepared;
  const live = current !== undefined && !current.deleted;
  const action = change.deed === 'update' && !live ? 'create' : change.deed;
  const subjects = new Set<bigint>();
  if (current !== undefined) subjects.add(current.subject);
  if (!deletes) subjects.add(change.prepared.subject);
  if (subjects.size === 0) subjects.add(0n);
  for (const subject of subjects) {
    const own = subject !== 0n && subject === work.own;
    const { principal, purpose } = work.caller;
    const decision = work.store.access.decide(principal, action, type, own, purpose);
    const asked = { ...work, action, type, id };
    if (!decision.permit) throw new AccessDenied(denial(asked, decision.because), false);
    if (!deletes) requireOwnGroups(asked, decision, change.prepared);
  }
}

/** Who does not see a group cannot write it either; the group that is there stays (write.ts). */
function requireOwnGroups(
  asked: Asked,
  decision: Extract<Decision, { permit: true }>,
  prepared: Prepared,
): void {
  const foreign = [...prepared.parts.keys()].find((group) => !decision.groups.has(group));
  if (foreign === undefined) return;
  const because = `${decision.because} does not see the ${foreign} part`;
  throw new AccessDenied(denial(asked, because), false);
}

/** The groups of a record its writer does not see: they are kept as they were. */
export function unseenGroups(work: Work, change: Put): Group[] {
  const { type, subject } = change.prepared;
  const { principal, purpose } = work.caller;
  const own = subject !== 0n && subject === work.own;
  const decision = work.store.access.decide(principal, change.deed, type, own, purpose);
  return decision.permit ? groups.filter((group) => !decision.groups.has(group)) : [];
}

const letters: Readonly<Record<Action, AuditEntry['action']>> = {
  ...{ read: 'R', vread: 'R', history: 'R', search: 'E' },
  ...{ create: 'C', update: 'U', patch: 'U', delete: 'D' },
};

function denial(asked: Asked, because: string): AuditEntry {
  return {
    type: 'access.denied',
    action: letters[asked.action],
    outcome: 'denied',
    caller: asked.caller,
    resourceType: asked.type,
    ...(asked.id === undefined ? {} : { resourceId: asked.id }),
    because,
    note: { attempted: asked.action },
  };
}
