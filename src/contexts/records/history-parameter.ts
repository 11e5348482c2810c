import { kinds, refuse } from '../../platform/problem.ts';
import { dateRange } from '../../standards/fhir/search/date-range.ts';

/** What a history may be asked (FHIR R4 http.html#history), and our own `_cursor`. */
export type HistoryParameters = {
  readonly count: number;
  /** Versions made at or after this instant. */
  readonly since?: Date;
  /** Versions current at some time from `from` to before `until`. */
  readonly at?: { readonly from: Date; readonly until: Date };
  readonly cursor?: string;
  /** As given, for the links. */
  readonly said: readonly (readonly [string, string])[];
};

/** Versions on a page unless asked otherwise, and at most. */
const PAGE = 50;
const MOST = 1000;

export function historyParameters(
  pairs: readonly (readonly [string, string])[],
): HistoryParameters {
  let count = PAGE;
  let rest: Pick<HistoryParameters, 'since' | 'at' | 'cursor'> = {};
  const said: [string, string][] = [];
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    if (name === '_format' || name === '_pretty') continue;
    if (seen.has(name)) refuse(kinds.badRequest, `${known(name)} stands twice.`);
    seen.add(name);
    if (name === '_count') count = countFrom(value);
    else if (name === '_cursor') rest = { ...rest, cursor: value };
    else if (name === '_since') rest = { ...rest, since: since(value) };
    else if (name === '_at') rest = { ...rest, at: at(value) };
    else known(name);
    if (name === '_since' || name === '_at') said.push([name, value]);
  }
  return { count, ...rest, said };
}

function known(name: string): string {
  if (['_count', '_since', '_at', '_cursor'].includes(name)) return name;
  return refuse(
    kinds.badRequest,
    'A history takes _count (a number), _since (an instant), _at (a date or time), _cursor.',
  );
}

function countFrom(value: string): number {
  if (!/^\d{1,6}$/.test(value)) refuse(kinds.badRequest, '_count is a whole number.');
  return Math.min(Number(value), MOST);
}

function since(value: string): Date {
  const range = dateRange(value) ?? refuse(kinds.badRequest, '_since is an instant.');
  return new Date(range.low);
}

/** FHIR R4 search.html#prefix, of which these say something about a span of time. */
function at(value: string): { from: Date; until: Date } {
  const [, prefix = 'eq', date = ''] = /^(eq|ge|gt|sa|le|lt|eb)?(.*)$/s.exec(value) ?? [];
  const range = dateRange(date) ?? refuse(kinds.badRequest, '_at is a date or a time.');
  const after = range.high + 1;
  if (prefix === 'ge') return { from: new Date(range.low), until: latest };
  if (prefix === 'gt' || prefix === 'sa') return { from: new Date(after), until: latest };
  if (prefix === 'le') return { from: earliest, until: new Date(after) };
  if (prefix === 'lt' || prefix === 'eb') return { from: earliest, until: new Date(range.low) };
  return { from: new Date(range.low), until: new Date(after) };
}

const earliest = new Date(0);
const latest = new Date(Date.UTC(9999, 11, 31));
