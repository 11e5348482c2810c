import { isIPv6 } from 'node:net';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { accountBackoff, addressBackoff, type Backoff, FORGET_MS, heardFrom } from './backoff.ts';
import type { BlindMark } from './blind-mark.ts';

/** What a failed proof counts against. Unknown names count like known ones, so neither shows. */
export type AttemptSource = { readonly mark: Buffer; readonly backoff: Backoff };

export function loginSources(mark: BlindMark, email: string, ip: string): AttemptSource[] {
  return [
    { mark: mark('attempt-account', email), backoff: accountBackoff },
    { mark: mark('attempt-address', network(ip)), backoff: addressBackoff },
  ];
}

/** Client and address together: a stranger elsewhere cannot make a hospital's system wait. */
export function clientSources(mark: BlindMark, clientId: string, ip: string): AttemptSource[] {
  return [
    { mark: mark('attempt-client', `${clientId}\0${network(ip)}`), backoff: accountBackoff },
    { mark: mark('attempt-address', network(ip)), backoff: addressBackoff },
  ];
}

/** One household has a whole IPv6 /64: its addresses count as one. */
export function network(ip: string): string {
  if (!isIPv6(ip)) return ip;
  if (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(ip)) return ip.slice(7);
  const [before = '', after] = ip.toLowerCase().split('::', 2);
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Until when these sources have to wait; undefined when they are heard now. */
export async function blockedUntil(
  database: Database,
  sources: readonly AttemptSource[],
  now: Date,
): Promise<Date | undefined> {
  return database.transaction(0, async (tx) => {
    const found = await Promise.all(
      sources.map(({ mark }) =>
        tx.row<{ until: Date }>(sql`
          select not_before as until from identity.attempt
           where source = ${mark} and not_before > ${now}`),
      ),
    );
    const times = found.flatMap((row) => (row === undefined ? [] : [row.until.getTime()]));
    return times.length === 0 ? undefined : new Date(Math.max(...times));
  });
}

/** Returns whether this failure makes the next attempt wait. */
export async function recordFailure(
  database: Database,
  sources: readonly AttemptSource[],
  now: Date,
): Promise<boolean> {
  return database.transaction(0, async (tx) => {
    let waits = false;
    // Always name first, address second: two requests never wait for each other in a circle.
    for (const source of sources) waits = (await countFailure(tx, source, now)) > now || waits;
    await forgetOld(tx, now);
    return waits;
  });
}

async function countFailure(tx: Transaction, source: AttemptSource, now: Date): Promise<Date> {
  const forgotten = new Date(now.getTime() - FORGET_MS);
  const row = await tx.row<{ failures: number }>(sql`
    insert into identity.attempt as known (source, failures, last_at, not_before)
    values (${source.mark}, 1, ${now}, ${now})
    on conflict (source) do update
      set failures = case when known.last_at < ${forgotten} then 1
                          else least(known.failures + 1, 1000000) end,
          last_at = excluded.last_at
    returning failures`);
  const until = heardFrom(source.backoff, row?.failures ?? 1, now);
  await tx.run(sql`
    update identity.attempt set not_before = ${until} where source = ${source.mark}`);
  return until;
}

/** Each failure adds two rows at most and clears up to twenty old ones: the table stays small. */
async function forgetOld(tx: Transaction, now: Date): Promise<void> {
  await tx.run(sql`
    delete from identity.attempt where source in (
      select source from identity.attempt where last_at < ${new Date(now.getTime() - FORGET_MS)}
       order by last_at limit 20 for update skip locked)`);
}

/** The right secret clears what counts against the name, not what counts against the address. */
export async function forgive(tx: Transaction, sources: readonly AttemptSource[]): Promise<void> {
  const [name] = sources;
  if (name !== undefined) {
    await tx.run(sql`delete from identity.attempt where source = ${name.mark}`);
  }
}
