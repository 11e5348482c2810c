import type { Phi, SubjectKey } from '#phi';
import { int8Array } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { join, type Sql, sql } from '../../platform/postgres/sql.ts';
import { refuse } from '../../platform/problem.ts';
import { type ActorFacts, sealContext } from './actor.ts';
import { resourceHash } from './event-row.ts';
import { eventTypes } from './event-type.ts';
import { eventColumns, eventId, type StoredEvent } from './leaf.ts';
import { packId } from './packed-id.ts';
import { auditKinds } from './problems.ts';
import { resourceTypes } from './resource-type.ts';

export type LogFilter = {
  readonly user_id?: string;
  readonly patient_id?: string;
  /** Events of this patient's records, and of the Patient itself though nothing was found. */
  readonly about_patient?: string;
  readonly resource_type?: string;
  readonly resource_id?: string;
  readonly event_type?: string;
  /** Of one event. */
  readonly id?: string;
  /** ISO 8601, both inclusive. */
  readonly from?: string;
  readonly to?: string;
};

export type LogEntry = { readonly event: StoredEvent; readonly actor: ActorFacts | undefined };

export type LogPage = {
  readonly entries: readonly LogEntry[];
  readonly total: number;
  readonly totalIs: 'exact' | 'at least';
  readonly next: string | undefined;
};

/** Counting further would cost more than the page itself. */
const COUNTED = 10_000;

/** One page of the log, newest first; `cursor` is a page's `next`. */
export async function searchLog(
  tx: Transaction,
  phi: Phi,
  filter: LogFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<LogPage> {
  const wanted = conditions(tx.tenant, filter);
  const where = join(
    page.cursor === undefined ? wanted : [...wanted, before(page.cursor)],
    ' and ',
  );
  const [, found, count] = await Promise.all([
    // How many events a user or type has differs by orders of magnitude: plan for the one asked.
    tx.run(sql`set local plan_cache_mode = force_custom_plan`),
    tx.rows<StoredEvent>(sql`
      select ${eventColumns} from audit.event where ${where}
       order by xid desc, nth desc limit ${page.limit + 1}`),
    tx.row<{ count: bigint }>(sql`
      select count(*) as count from (
        select from audit.event where ${join(wanted, ' and ')} limit ${COUNTED + 1}) as counted`),
  ]);
  const events = found.slice(0, page.limit);
  const last = events.at(-1);
  const total = Number(count?.count ?? 0);
  const actors = await openActors(tx, phi, events);
  return {
    entries: events.map((event) => ({ event, actor: actors.get(event.actor) })),
    total: Math.min(total, COUNTED),
    totalIs: total > COUNTED ? 'at least' : 'exact',
    next: found.length > page.limit && last !== undefined ? eventId(last) : undefined,
  };
}

function conditions(tenant: number, filter: LogFilter): Sql[] {
  const { user_id, patient_id, about_patient, resource_id, from, to, id } = filter;
  const all: (Sql | undefined)[] = [
    sql`tenant = ${tenant}`,
    user_id === undefined
      ? undefined
      : sql`actor in (select id from audit.actor
          where tenant = ${tenant} and user_id = ${user_id}::uuid)`,
    patient_id === undefined ? undefined : sql`patient_id = ${packId(patient_id)}`,
    about_patient === undefined ? undefined : aboutPatient(about_patient),
    resource_id === undefined
      ? undefined
      : sql`resource_hash = ${resourceHash(resource_id)} and resource_id = ${packId(resource_id)}`,
    numbered('type', filter.event_type, eventTypes.number),
    numbered('resource_type', filter.resource_type, resourceTypes.number),
    id === undefined ? undefined : placed(id),
    from === undefined ? undefined : sql`at >= ${from}::timestamptz`,
    to === undefined ? undefined : sql`at <= ${to}::timestamptz`,
  ];
  return all.filter((one) => one !== undefined);
}

/** A name without a number of its own stands in the note. */
function numbered(
  column: 'type' | 'resource_type',
  name: string | undefined,
  numberOf: (name: string) => number,
): Sql | undefined {
  if (name === undefined) return undefined;
  const number = numberOf(name);
  const text = { text: column, values: [] };
  if (number !== 0) return sql`${text} = ${number}`;
  const member = column === 'type' ? 'event_type' : column;
  return sql`${text} = 0 and note <> '' and note::jsonb ->> ${member}::text = ${name}`;
}

/** A refused or failed access names the Patient it was for, and no patient's data. */
function aboutPatient(id: string): Sql {
  const packed = packId(id);
  return sql`(patient_id = ${packed} or (resource_hash = ${resourceHash(id)}
    and resource_id = ${packed} and resource_type = ${resourceTypes.number('Patient')}))`;
}

/** None when the text is no event's id. */
function placed(id: string): Sql {
  const [, xid, nth] = /^(\d{1,18})-(\d{1,10})$/.exec(id) ?? [];
  if (xid === undefined || Number(nth) > 0x7fff_ffff) return sql`false`;
  return sql`xid = ${xid}::int8 and nth = ${nth}::int4`;
}

function before(cursor: string): Sql {
  const [, xid, nth] = /^(\d{1,18})-(\d{1,10})$/.exec(cursor) ?? [];
  if (xid === undefined) refuse(auditKinds.unknownCursor, 'cursor: take the `next` of a page.');
  return sql`(xid, nth) < (${xid}::int8, ${nth}::int8)`;
}

async function openActors(
  tx: Transaction,
  phi: Phi,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<bigint, ActorFacts>> {
  if (events.length === 0) return new Map();
  const ids = int8Array([...new Set(events.map((event) => event.actor))]);
  const [rows, keys] = await Promise.all([
    tx.rows<{ id: bigint; sealed: Buffer }>(sql`
      select id, sealed from audit.actor where tenant = ${tx.tenant} and id = any(${ids}::int8[])`),
    phi.keys(tx, [0n], 'refuse'),
  ]);
  return new Map(rows.map(({ id, sealed }) => [id, openFacts(keys.of(0n), id, sealed)]));
}

export function openFacts(key: SubjectKey, id: bigint, sealed: Buffer): ActorFacts {
  return JSON.parse(key.open(sealed, sealContext(id)).toString()) as ActorFacts;
}
