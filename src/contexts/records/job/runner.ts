import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';

/** What does one kind of job. */
export type Runner = {
  /**
   * true: taken up again, by `kept`, after its process was lost. false: what it did may not be done
   * twice, so a lost one has failed.
   */
  readonly resumes: boolean;
  /** Returns what its owner gets, as JSON; throws a Problem to refuse. */
  run(work: Work): Promise<unknown>;
  /** Deletes what it keeps outside of the table, once cancelled or expired; maybe twice. */
  discard?(tenant: number, job: string): Promise<void>;
};

/** One job being done. */
export type Work = {
  readonly id: string;
  /** As at the request: what they may see is decided by these roles and this purpose. */
  readonly caller: Caller;
  readonly asked: unknown;
  /** What the attempt before kept last. */
  readonly kept: unknown;
  /** Cancelled, lost or the program ends. */
  readonly signal: AbortSignal;
  /** Shown with the next heartbeat; counts and words of ours only. */
  progress(text: string): void;
  /** How far it is, in the transaction that did it. Throws JobLost when it is no longer ours. */
  keep(tx: Transaction, kept: unknown): Promise<void>;
};
