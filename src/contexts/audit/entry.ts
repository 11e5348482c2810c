import type { Caller } from '../../platform/principal.ts';

/** One access or deed, as the context that did it tells it. */
export type AuditEntry = {
  /** 'record.read', 'auth.login', …: see event-type.ts. */
  readonly type: string;
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly caller: Caller | Unproven;
  readonly resourceType?: string;
  readonly resourceId?: string;
  readonly version?: number;
  /** Logical id of the patient whose data it is. */
  readonly patientId?: string;
  /** The phi subject of that patient; 0n or absent when none. */
  readonly subject?: bigint;
  /** PHI groups opened. */
  readonly groups?: readonly string[];
  /** The policy that decided, or a coded reason. */
  readonly because?: string;
  /** Never PHI: names of parameters, counts. */
  readonly note?: AuditNote;
};

export type AuditNote = Readonly<Record<string, string | number | readonly string[]>>;

/** Create, Read, Update, Delete, Execute: the codes of FHIR's AuditEvent.action. */
export const actions = ['C', 'R', 'U', 'D', 'E'] as const;
export type AuditAction = (typeof actions)[number];

export const outcomes = ['success', 'denied', 'failure'] as const;
export type AuditOutcome = (typeof outcomes)[number];

/**
 * A caller no credential has proved: a failed login. `account`: its UUID, else what was typed;
 * sealed.
 */
export type Unproven = {
  readonly principal?: undefined;
  readonly account?: string;
  readonly ip: string;
  readonly agent: string;
  readonly correlation: string;
  readonly purpose?: string;
};
