import type { Group } from '../../../standards/fhir/sensitivity.ts';

/** What one thread turns into files: the records of a type within a range of rows. */
export type PartOrder = {
  readonly name: string;
  readonly type: string;
  /** Rows above `low` up to `high`. */
  readonly low: bigint;
  readonly high: bigint;
  /** Only these of them, as little-endian int8. */
  readonly rows?: BigInt64Array;
  /** As of this instant, in ms: later versions are as if they were not there. */
  readonly at: number;
  /** Changed after, and before, in ms. */
  readonly since?: number;
  readonly until?: number;
  /** What the caller sees: of their own compartment, and of others; absent: nothing. */
  readonly own?: { readonly subject: bigint; readonly groups: readonly Group[] };
  readonly others?: readonly Group[];
  /** Only records in some patient's compartment. */
  readonly inCompartment: boolean;
  /** Only these elements, and those that R4 demands. */
  readonly elements: readonly string[];
};

export type PartFile = { readonly name: string; readonly records: number; readonly bytes: number };

/** What became of it. */
export type PartSum = {
  readonly files: readonly PartFile[];
  /** Records by the subject whose they are, 0n for nobody's. */
  readonly subjects: ReadonlyMap<bigint, number>;
  /** Groups some record had that the caller does not see. */
  readonly withheld: readonly Group[];
  /** Records nobody can open any more, because their patient was erased. */
  readonly erased: number;
};

/** What a thread is given once. */
export type ThreadStart = {
  readonly tenant: number;
  readonly keyring: string;
  readonly folder: string;
  readonly job: string;
  readonly secret: Uint8Array;
  readonly database: { readonly url: string; readonly role?: string };
};

/** What a thread says: once that it is there, then what became of each order. */
export type Told = { ready: true } | { sum: PartSum } | { error: unknown };
