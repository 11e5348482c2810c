/** One finding about a resource, as OperationOutcome.issue wants it (R4 operationoutcome.html). */
export type Issue = {
  severity: 'error' | 'warning' | 'information';
  code: IssueType;
  /**
   * Where: restricted FHIRPath, Patient.name[0].family. A missing or unknown element is told at its
   * parent.
   */
  expression: string;
  /** What to do about it. Never a value of the record. */
  text: string;
};

/** The codes of http://hl7.org/fhir/issue-type that this program uses. */
export type IssueType =
  | 'business-rule'
  | 'code-invalid'
  | 'conflict'
  | 'duplicate'
  | 'exception'
  | 'forbidden'
  | 'informational'
  | 'invalid'
  | 'invariant'
  | 'login'
  | 'multiple-matches'
  | 'not-found'
  | 'not-supported'
  | 'processing'
  | 'required'
  | 'security'
  | 'structure'
  | 'throttled'
  | 'too-costly'
  | 'too-long'
  | 'value';
