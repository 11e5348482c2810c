import { asProblem } from '../../../platform/http/problem-body.ts';
import type { Caller } from '../../../platform/principal.ts';
import { kinds, Problem } from '../../../platform/problem.ts';
import type { Entry } from '../bundle/entry.ts';
import { relink } from '../bundle/links.ts';
import { checkEntry, runTransaction } from '../bundle/transaction.ts';
import { noPreference } from '../prefer.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { LoadedBefore, markLoaded } from './loaded.ts';
import type { Piece } from './piece.ts';

export type Attempt = (pieces: readonly Piece[]) => Promise<Verdict>;

export type Verdict =
  | { is: 'stored' }
  /** Some or all of it is stored already; nothing was stored now. */
  | { is: 'loaded-before'; fresh: ReadonlySet<string> }
  | { is: 'refused'; problem: Problem };

type Target = { readonly store: Store; readonly caller: Caller; readonly round: string };

/** These pieces in one transaction. Throws what would meet the next ones as well: no database. */
export function storing({ store, caller, round }: Target): Attempt {
  return async (pieces) => {
    const names = pieces.map(({ name }) => round + name);
    const first = (tx: Parameters<typeof markLoaded>[1]) => markLoaded(store.phi, tx, names);
    try {
      const asked = { store, caller, preference: noPreference, frame: { first } };
      await runTransaction(asked, entriesOf(pieces));
      return { is: 'stored' };
    } catch (error) {
      if (error instanceof LoadedBefore) {
        const fresh = [...error.fresh].map((name) => name.slice(round.length));
        return { is: 'loaded-before', fresh: new Set(fresh) };
      }
      return { is: 'refused', problem: refusalFrom(store, caller, error) };
    }
  };
}

function refusalFrom(store: Store, caller: Caller, error: unknown): Problem {
  const problem = asProblem(error);
  if (problem.kind.status < 500) return problem;
  if (problem.kind.code === kinds.unavailable.code || isExhausted(error)) throw error;
  store.log.error({ err: error, correlation: caller.correlation }, 'a unit was not loaded');
  return new Problem(kinds.internal, 'An error of ours kept it out; the log says more.');
}

/** PostgreSQL, appendix A: 53 insufficient resources, 57 operator intervention, 58 system error. */
function isExhausted(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(53|57|58)/.test(code);
}

/** All that can be said of them without a store. */
export const checking: Attempt = async (pieces) => {
  try {
    const entries = entriesOf(pieces);
    const names = new Map<string, string>();
    for (const entry of entries) {
      checkEntry(entry);
      if (entry.fullUrl !== undefined) names.set(entry.fullUrl, `${entry.type}/x`);
    }
    for (const entry of entries) relink(entry, names);
    return { is: 'stored' };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { is: 'refused', problem: error };
  }
};

/** Numbered anew, because they now stand in one transaction. */
function entriesOf(pieces: readonly Piece[]): Entry[] {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return [...only.entries];
  return pieces.flatMap(({ entries }) => entries).map((entry, index) => ({ ...entry, index }));
}

/** Its structure alone. */
export function isSound(piece: Piece): boolean {
  try {
    for (const entry of piece.entries) checkEntry(entry);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** A conditional reference whose target is not there, yet. */
export function isEarly({ kind, issues }: Problem): boolean {
  const { code } = recordKinds.preconditionFailed;
  return kind.code === code && issues.some((issue) => issue.code === 'not-found');
}
