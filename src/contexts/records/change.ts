import type { Prepared } from './prepare.ts';
import type { Method } from './stored.ts';
import type { VersionTags } from './version-tag.ts';

/** One thing a transaction does to one record. */
export type Change = Put | Removal;

/** What must be true of the record as it is when it is locked (RFC 9110 section 13.1). */
export type Precondition = {
  readonly ifMatch?: VersionTags | undefined;
  readonly ifNoneMatch?: VersionTags | undefined;
  /** It must not live: an id that criteria without a match came with. */
  readonly absent?: boolean;
};

export type Put = Precondition & {
  readonly deed: 'create' | 'update' | 'patch';
  readonly method: Method;
  readonly prepared: Prepared;
  /** Of the Bundle it came in: a refusal names it. */
  readonly entry?: number;
};

export type Removal = Precondition & {
  readonly deed: 'delete';
  readonly type: string;
  readonly id: string;
  readonly self: bigint;
  readonly entry?: number;
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
  /** Rows it has in the search tables. */
  readonly indexed?: number;
};

export function selfOf(change: Change): bigint {
  return change.deed === 'delete' ? change.self : change.prepared.self;
}
