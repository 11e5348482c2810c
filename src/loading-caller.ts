import { randomUUID } from 'node:crypto';
import type { Caller } from './platform/principal.ts';

/**
 * Who loads: this program itself, on behalf of whoever runs it, with what the role `integration`
 * may do. The access decision and the audit know it as a client of this id and agent.
 */
export function loadingCaller(tenant: number): Caller {
  const run = randomUUID();
  return {
    principal: {
      tenant,
      kind: 'client',
      id: '00000000-0000-4000-8000-6d636c6f6164',
      roles: ['integration'],
      session: run,
    },
    ip: '127.0.0.1',
    agent: 'medconnect load',
    correlation: run,
    // v3-PurposeOfUse: records management.
    purpose: 'RECORDMGT',
  };
}
