import type { IssueType } from '../issue.ts';

/**
 * Why a patch cannot be applied. The text says what is wrong with which operation, and quotes no
 * value of the patch or the record.
 */
export class PatchRefused extends Error {
  override name = 'PatchRefused';
  readonly code: IssueType;
  /** The operation, counted from 0; undefined when the patch as a whole is refused. */
  readonly operation: number | undefined;

  constructor(code: IssueType, text: string, operation?: number) {
    super(operation === undefined ? text : `Operation ${operation + 1}: ${text}`);
    this.code = code;
    this.operation = operation;
  }
}

/**
 * Operations of one patch: a form of a thousand fields changed at once; each costs a walk through
 * the resource.
 */
export const maxOperations = 1000;
