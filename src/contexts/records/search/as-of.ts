import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { refuse } from '../../../platform/problem.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { livingKeys } from '../living-key.ts';
import { recordKinds } from '../problems.ts';
import { type StoredRow, storedFrom, versionColumns } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { instant } from '../version-as-of.ts';
import { type Opened, openedAs, openedInOrder, type Walk } from './opened.ts';
import type { After } from './page.ts';
import type { Part } from './part.ts';
import type { Plan } from './plan.ts';

/** Versions of one look: each is opened. */
const BLOCK = 500;

/**
 * Candidates as they were at an instant, newest record first. What has not changed since is found
 * by its rows; of what has, the version of that instant is opened and asked every clause, and shown
 * only to who may see what it was then.
 */
export async function* openedAsOf(
  walk: Walk & { readonly plan: Plan },
  at: Date,
  from: After | undefined,
  ranOut: () => void,
): AsyncGenerator<Opened> {
  const since = instant(at);
  const parts = walk.plan.parts.map((part) => ({
    ...part,
    narrower: true as const,
    where: sql`${part.where} and r.updated_at <= ${since}`,
  }));
  const plan = { ...walk.plan, parts, query: { ...walk.plan.query, sort: [] } };
  let short = false;
  const stop = () => {
    short = true;
  };
  const same = openedInOrder({ ...walk, plan }, from, stop);
  const changed = changedInOrder(walk, at, from, stop);
  let [a, b] = await Promise.all([same.next(), changed.next()]);
  // oxlint-disable-next-line no-unmodified-loop-condition -- by `stop`, meanwhile
  while (!short && (a.done !== true || b.done !== true)) {
    if (b.done === true || (a.done !== true && rowOf(a.value) > rowOf(b.value))) {
      if (a.done !== true) yield a.value;
      a = await same.next();
    } else {
      yield b.value;
      b = await changed.next();
    }
  }
  if (short) ranOut();
}

function rowOf({ found }: Opened): bigint {
  return found.stored.row;
}

async function* changedInOrder(
  { asked, tx, plan }: Walk & { readonly plan: Plan },
  at: Date,
  from: After | undefined,
  ranOut: () => void,
): AsyncGenerator<Opened> {
  const byType = new Map(plan.parts.map((part) => [part.type, part]));
  let after = from?.row;
  for (;;) {
    const limit = Math.min(BLOCK, asked.budget.opened);
    const rows = await tx.rows<StoredRow>(fresh(changedSql(plan.parts, at, after, limit + 1)));
    const block = rows.slice(0, limit).map(storedFrom);
    const keyOf = await livingKeys(
      asked.store,
      tx,
      block.map(({ subject }) => subject),
    );
    for (const stored of block) {
      asked.budget.opened -= 1;
      const found = { stored, after: { keys: [], row: `${stored.row}` } };
      const clauses = byType.get(stored.type)?.clauses ?? [];
      const tests = clauses.map((clause) => ({ is: 'opened', clause }) as const);
      const one = await openedAs(asked, found, keyOf(stored.subject), { tests, held: 0 });
      if (one !== undefined) yield one;
    }
    if (rows.length <= limit) return;
    if (asked.budget.opened === 0) return ranOut();
    after = rows[limit - 1]?.row.toString();
  }
}

/** The version each record had at the instant, of those that have another one now. */
function changedSql(
  parts: readonly Part[],
  at: Date,
  after: string | undefined,
  limit: number,
): Sql {
  const since = instant(at);
  const types = parts.map(({ type }) => typeNumber(type)).join(',');
  const among: Sql = { text: `r.type in (${types})`, values: [] };
  const beyond = after === undefined ? sql`` : sql`and r.row < ${after}::int8`;
  return sql`select ${versionColumns} from records.resource r,
      lateral (select o.* from records.version o
        where o.row = r.row and o.updated_at <= ${since}
        order by o.version desc limit 1) v
    where ${among} and r.updated_at > ${since} ${beyond} and not v.deleted
    order by r.row desc limit ${limit}::int8`;
}

/** What would need others as they were then, or is not known yet. */
export function requireAsOf({ query, parts }: Plan, now: Date): Date | undefined {
  if (query.asOf === undefined) return undefined;
  const at = new Date(query.asOf);
  const links = parts.some(({ clauses }) => clauses.some(isLink));
  if (links || query.include.length + query.revinclude.length > 0) {
    refuseAsOf('not-supported', '_asOf takes no chains, _has, _list, _include or _revinclude.');
  }
  if (at > now) refuseAsOf('value', '_asOf names an instant that has passed.');
  return at;
}

function isLink(clause: Clause): boolean {
  switch (clause.on) {
    case 'chain':
    case 'has':
      return true;
    case 'and':
    case 'or':
      return clause.clauses.some(isLink);
    case 'not':
      return isLink(clause.clause);
    case 'all-of-one':
      return clause.values.some((parts) => parts.some(isLink));
    default:
      return false;
  }
}

function refuseAsOf(code: string, text: string): never {
  const issues = [{ severity: 'error' as const, code, expression: '_asOf', text }];
  return refuse(recordKinds.searchRefused, text, { issues });
}
