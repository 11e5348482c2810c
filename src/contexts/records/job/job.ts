import { kinds, Problem, type ProblemIssue, type ProblemKind } from '../../../platform/problem.ts';
import { recordKinds } from '../problems.ts';

export const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** A job as its owner may see it. */
export type Job = {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  /** Counts and words of ours, never a value of a record. */
  readonly progress: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** What the runner returned, once done. */
  readonly result: unknown;
  /** Why it failed, once failed. */
  readonly problem: Problem | undefined;
};

/** A refusal as it lies in the table. */
type Written = {
  kind: ProblemKind;
  detail: string;
  issues: readonly ProblemIssue[];
};

/** What a failed job tells its owner; a defect's own message goes to the log alone. */
export function writtenProblem(problem: Problem): Written {
  return { kind: problem.kind, detail: problem.detail, issues: problem.issues };
}

export function problemFrom(written: unknown): Problem {
  const { kind, detail, issues } = Object(written) as Partial<Written>;
  return new Problem(kind ?? kinds.internal, detail ?? 'The job failed.', { issues: issues ?? [] });
}

/** The job was cancelled, or another process took it up: whatever runs here must leave it alone. */
export class JobLost extends Error {
  constructor() {
    super('the job is no longer ours');
  }
}

export const jobKinds = {
  ...recordKinds,
  tooMany: { status: 429, code: 'TOO_MANY_JOBS', issue: 'throttled' },
  interrupted: { status: 500, code: 'JOB_INTERRUPTED', issue: 'incomplete' },
} as const satisfies Record<string, ProblemKind>;
