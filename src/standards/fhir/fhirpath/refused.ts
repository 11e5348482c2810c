/** Why an expression gives no answer. `execution`: the data is not what the expression needs. */
export type FhirPathRefusal =
  | 'syntax'
  | 'unknown-function'
  | 'unknown-variable'
  | 'unknown-type'
  | 'execution'
  | 'not-supported'
  | 'too-costly';

/**
 * An expression that cannot be read or evaluated (FHIRPath N1 calls both an error). The message
 * quotes neither a value of the data nor a literal of the expression.
 */
export class FhirPathRefused extends Error {
  override name = 'FhirPathRefused';
  readonly code: FhirPathRefusal;
  /** Characters from the start of the expression's text; undefined while evaluating. */
  readonly offset: number | undefined;

  constructor(code: FhirPathRefusal, message: string, offset?: number) {
    super(offset === undefined ? message : `Character ${offset + 1}: ${message}`);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * A name for a message: only what can be a name of FHIR, never a text that might be of a person.
 */
export function nameForMessage(name: string): string {
  return /^[A-Za-z][A-Za-z0-9]{0,40}$/.test(name) ? ` '${name}'` : '';
}
