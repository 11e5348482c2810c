import { refuse } from '../../../platform/problem.ts';
import { recordKinds } from '../problems.ts';

/** Records one request may open to look into them: about a second of work. */
export const MOST_OPENED = 10_000;

/** What of that is left; shared by all parts of a request. */
export type Budget = { opened: number };

export function newBudget(): Budget {
  return { opened: MOST_OPENED };
}

/** `why`: what needs the records opened. */
export function refuseCostly(why: string, advice: string): never {
  const text = `${why} needs more than ${MOST_OPENED} records opened. ${advice}`;
  return refuse(recordKinds.tooCostly, text, {
    issues: [{ severity: 'error', code: 'too-costly', text }],
  });
}

export const narrower =
  'Add a parameter that narrows the search: a patient, a code, an identifier, a date.';

/** The database gave up after its own bound (statementTimeoutMs). */
export function refuseTooLong(cause: unknown): never {
  const text = `The search takes too long. ${narrower}`;
  return refuse(recordKinds.tooCostly, text, {
    issues: [{ severity: 'error', code: 'too-costly', text }],
    cause,
  });
}
