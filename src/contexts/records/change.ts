import type { Prepared } from './prepare.ts';
import type { Method } from './stored.ts';

/** One thing a transaction does to one record. */
export type Change = Put | Removal;

export type Put = {
  readonly deed: 'create' | 'update' | 'patch';
  readonly method: Method;
  readonly prepared: Prepared;
  /** Of the Bundle it came in: a refusal names it. */
  readonly entry?: number;
  /** The version the caller believes current (If-Match). */
  readonly ifMatch?: number;
};

export type Removal = {
  readonly deed: 'delete';
  readonly type: string;
  readonly id: string;
  readonly self: bigint;
  readonly entry?: number;
  readonly ifMatch?: number;
};

/** What became of it. */
export type Applied = {
  readonly type: string;
  readonly id: string;
  /** undefined: there was nothing to delete. */
  readonly version: number | undefined;
  readonly updatedAt: Date;
  /** There was no live record before. */
  readonly created: boolean;
};

export function selfOf(change: Change): bigint {
  return change.deed === 'delete' ? change.self : change.prepared.self;
}
