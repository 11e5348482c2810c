import { createHash } from 'node:crypto';
import { kinds, refuse } from '../../../platform/problem.ts';
import { type FhirCall, one } from '../fhir-call.ts';

/** Of one request: what tells its key and the request itself from all others of the tenant. */
export type Ticket = { readonly key: string; readonly request: string };

const headersThatCount = ['if-match', 'if-none-match', 'if-none-exist'] as const;

/** From the Idempotency-Key header: 1 to 255 visible ASCII characters, in quotes or not. */
export function ticketOf(call: FhirCall, method: string): Ticket | undefined {
  const { headers, caller, url, body } = call;
  const given = one(headers['idempotency-key']);
  if (given === undefined) return undefined;
  const key = /^"?([\x21\x23-\x7e]{1,255})"?$/.exec(given.trim())?.[1];
  if (key === undefined) {
    refuse(kinds.badRequest, 'Idempotency-Key has 1 to 255 visible ASCII characters.');
  }
  const hash = createHash('sha256').update(`${method} ${url}\n`);
  for (const name of headersThatCount) hash.update(`${one(headers[name]) ?? ''}\n`);
  if (body !== undefined) hash.update(body);
  return { key: `${caller.principal.id}|${key}`, request: hash.digest('hex') };
}

/** An entry of a batch is a request of its own. */
export function ticketOfEntry(ticket: Ticket | undefined, index: number): Ticket | undefined {
  return ticket && { ...ticket, key: `${ticket.key}#${index}` };
}
