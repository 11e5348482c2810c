export type { Phi, SubjectKey } from '#phi';

import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';

export type AuditEntry = {
  type: string;
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  outcome: 'success' | 'denied' | 'failure';
  caller:
    | Caller
    | {
        principal?: undefined;
        account?: string;
        ip: string;
        agent: string;
        correlation: string;
        purpose?: string;
      };
  because?: string;
  note?: Readonly<Record<string, string | number | readonly string[]>>;
};
export type Audit = {
  write(tx: Transaction, entries: readonly AuditEntry[]): Promise<void>;
  release(tenant: number, entries: readonly AuditEntry[]): Promise<void>;
};
export type Access = {
  permits(principal: import('../../platform/principal.ts').Principal, permission: string): boolean;
};
