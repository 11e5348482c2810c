/** A refusal the caller may read: coded, with a sentence that tells what to do. Never holds PHI. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly issues: readonly ProblemIssue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, detail: string, more: ProblemMore = {}) {
    super(`${kind.code}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.detail = detail;
    this.details = more.details ?? {};
    this.issues = more.issues ?? [];
    this.headers = more.headers ?? {};
  }
}

/** `status` is HTTP's, `code` the REST face's, `issue` FHIR's IssueType (for OperationOutcome). */
export type ProblemKind = {
  readonly status: number;
  readonly code: string;
  readonly issue: string;
};

export type ProblemIssue = {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  code: string;
  expression?: string;
  text: string;
};

type ProblemMore = {
  cause?: unknown;
  details?: Readonly<Record<string, unknown>>;
  issues?: readonly ProblemIssue[];
  headers?: Readonly<Record<string, string>>;
};

/** The kinds every door may refuse with; a context adds its own beside its nouns. */
export const kinds = {
  authenticationRequired: { status: 401, code: 'AUTHENTICATION_REQUIRED', issue: 'login' },
  authorizationDenied: { status: 403, code: 'AUTHORIZATION_DENIED', issue: 'forbidden' },
  notFound: { status: 404, code: 'RESOURCE_NOT_FOUND', issue: 'not-found' },
  noRoute: { status: 404, code: 'ROUTE_NOT_FOUND', issue: 'not-supported' },
  methodNotAllowed: { status: 405, code: 'METHOD_NOT_ALLOWED', issue: 'not-supported' },
  validation: { status: 422, code: 'VALIDATION_ERROR', issue: 'invalid' },
  badRequest: { status: 400, code: 'BAD_REQUEST', issue: 'invalid' },
  tooLarge: { status: 413, code: 'PAYLOAD_TOO_LARGE', issue: 'too-long' },
  mediaType: { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', issue: 'not-supported' },
  conflict: { status: 409, code: 'CONFLICT', issue: 'conflict' },
  unavailable: { status: 503, code: 'SERVICE_UNAVAILABLE', issue: 'transient' },
  internal: { status: 500, code: 'INTERNAL_ERROR', issue: 'exception' },
} as const satisfies Record<string, ProblemKind>;

export function refuse(kind: ProblemKind, detail: string, more?: ProblemMore): never {
  throw new Problem(kind, detail, more);
}
