/** Who is calling, as the credential proved it. */
export type Principal = {
  /** Tenant number (int4), as the rows carry it. */
  readonly tenant: number;
  readonly kind: 'user' | 'client';
  /** UUID of the account or client. */
  readonly id: string;
  readonly roles: readonly string[];
  /** Session (login) or token id, so that logout ends it. */
  readonly session: string;
  /** Logical id of the caller's own Patient record, for the role `patient`. */
  readonly patient?: string;
};

/** A principal at one request: what the audit writes down beside the deed. */
export type Caller = {
  readonly principal: Principal;
  readonly ip: string;
  readonly agent: string;
  /** Correlation id: answered as X-Correlation-Id, in every log line and audit row. */
  readonly correlation: string;
  /** v3-PurposeOfUse code, TREAT unless the request says otherwise (X-Purpose-Of-Use). */
  readonly purpose: string;
};
