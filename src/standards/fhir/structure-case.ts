import { checkStructure } from './structure.ts';

/** A broken resource, and code and place of each issue it must bring. */
export type BrokenCase = [what: string, resource: unknown, ...issues: string[]];

/** Code and expression of each issue, as `required Observation`. */
export function found(resource: unknown): string[] {
  return checkStructure(resource).map((issue) => `${issue.code} ${issue.expression}`);
}

export function patient(elements: Record<string, unknown>): Record<string, unknown> {
  return { resourceType: 'Patient', ...elements };
}

export function observation(elements: Record<string, unknown>): Record<string, unknown> {
  return { resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...elements };
}
