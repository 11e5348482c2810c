/** Why a terminology question has no answer; the codes of http://hl7.org/fhir/issue-type. */
export type TerminologyFault =
  | 'code-invalid'
  | 'invalid'
  | 'not-found'
  | 'not-supported'
  | 'too-costly';

/** `unknown`: the canonical that is not held here, where that is the reason. */
export class TerminologyRefused extends Error {
  readonly fault: TerminologyFault;
  readonly unknown: string | undefined;

  constructor(fault: TerminologyFault, message: string, unknown?: string) {
    super(message);
    this.name = 'TerminologyRefused';
    this.fault = fault;
    this.unknown = unknown;
  }
}

/** Throws a TerminologyRefused. */
export function refuseTerm(fault: TerminologyFault, message: string, unknown?: string): never {
  throw new TerminologyRefused(fault, message, unknown);
}
