import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Phi } from '#phi';
import { type Route, route } from '../../platform/http/route.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { type CheckpointSigner, originOf } from './checkpoint-signer.ts';
import type { AuditEntry } from './entry.ts';
import { exportAudit } from './export.ts';
import { type Integrity, integritySchema } from './integrity.ts';
import { logBody, logSchema } from './log-body.ts';
import { auditKinds, type Permits } from './problems.ts';
import { type LogFilter, searchLog } from './search.ts';
import { newestCheckpoint } from './sign.ts';

export type RouteParts = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Permits;
  readonly signer: CheckpointSigner;
  readonly integrity: Integrity;
  readonly release: (tenant: number, entries: readonly AuditEntry[]) => Promise<void>;
};

const tag = 'Audit';
const instant = Type.Union([
  Type.String({ format: 'date-time' }),
  Type.String({ format: 'date', description: 'Midnight UTC' }),
]);
const id = Type.String({ pattern: '^[A-Za-z0-9.-]{1,64}$' });
const name = Type.String({ minLength: 1, maxLength: 64 });

export function auditRoutes(parts: RouteParts): Route[] {
  return [logsRoute(parts), integrityRoute(parts), checkpointRoute(parts), exportRoute(parts)];
}

function logsRoute(parts: RouteParts): Route {
  const query = Type.Object(
    {
      user_id: Type.Optional(Type.String({ format: 'uuid' })),
      patient_id: Type.Optional(id),
      resource_type: Type.Optional(name),
      resource_id: Type.Optional(id),
      event_type: Type.Optional(name),
      from: Type.Optional(instant),
      to: Type.Optional(instant),
      limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
      cursor: Type.Optional(Type.String({ maxLength: 32 })),
    },
    { additionalProperties: false },
  );
  const reply = Type.Object(
    {
      logs: Type.Array(logSchema),
      total: Type.Integer(),
      total_is: Type.Union([Type.Literal('exact'), Type.Literal('at least')]),
      next: Type.Union([Type.String(), Type.Null()]),
    },
    { description: 'Newest first; next is the cursor of the following page' },
  );
  const summary = 'Who did what to whose records';
  const spec = { method: 'GET', path: '/api/v1/audit/logs', summary, tag } as const;
  return route({ ...spec, query, replies: { 200: reply } }, async ({ caller, query: asked }) => {
    await require(parts, caller, 'audit.read');
    const { limit, cursor, ...filter } = asked;
    const { tenant } = caller.principal;
    const page = await parts.database.transaction(tenant, (tx) =>
      searchLog(tx, parts.phi, filter, cursor === undefined ? { limit } : { limit, cursor }),
    );
    await parts.release(tenant, [asking(caller, filter, page.entries.length)]);
    const logs = page.entries.map(logBody);
    const next = page.next ?? null;
    return { status: 200, body: { logs, total: page.total, total_is: page.totalIs, next } };
  });
}

/** Reading the audit is an access like any other: which filters, and whose patient. */
function asking(caller: Caller, filter: LogFilter, returned: number): AuditEntry {
  return {
    ...{ type: 'audit.query', action: 'R', outcome: 'success', caller },
    ...(filter.patient_id === undefined ? {} : { patientId: filter.patient_id }),
    note: { filters: Object.keys(filter).sort(), returned },
  };
}

function integrityRoute(parts: RouteParts): Route {
  const summary = 'Verify the whole log against its chain, tree and signed checkpoints';
  const spec = { method: 'GET', path: '/api/v1/audit/integrity', summary, tag } as const;
  return route({ ...spec, replies: { 200: integritySchema } }, async ({ caller }) => {
    await require(parts, caller, 'audit.verify');
    const { tenant } = caller.principal;
    const body = await parts.integrity(tenant);
    const note = { status: body.status, checked: body.checked };
    const entry = { type: 'audit.verify', action: 'E', outcome: 'success', caller, note } as const;
    await parts.release(tenant, [entry]);
    return { status: 200, body };
  });
}

function checkpointRoute(parts: RouteParts): Route {
  const summary = 'The newest signed checkpoint, to keep where we cannot reach it';
  const spec = { method: 'GET', path: '/api/v1/audit/checkpoint', summary, tag } as const;
  const reply = Type.String({ description: 'A C2SP checkpoint, text/plain' });
  return route({ ...spec, replies: { 200: reply } }, async ({ caller }) => {
    await require(parts, caller, 'audit.read');
    const { tenant } = caller.principal;
    const newest = await parts.database.transaction(tenant, newestCheckpoint);
    if (newest === undefined) {
      refuse(auditKinds.noCheckpoint, 'No checkpoint was signed yet; one is within 10 seconds.');
    }
    const key = parts.signer.verifierKey(originOf(tenant));
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-verifier-key': key };
    return { status: 200, headers, body: newest.note };
  });
}

function exportRoute(parts: RouteParts): Route {
  const summary = 'The whole log as lines of JSON, for `medconnect verify-audit`';
  const spec = { method: 'GET', path: '/api/v1/audit/export', summary, tag } as const;
  const reply = Type.String({ description: 'application/x-ndjson' });
  return route({ ...spec, replies: { 200: reply } }, async ({ caller }) => {
    await require(parts, caller, 'audit.verify');
    const { tenant } = caller.principal;
    const entry = { type: 'audit.export', action: 'R', outcome: 'success', caller } as const;
    await parts.release(tenant, [entry]);
    const body = Readable.from(exportAudit(parts.database, parts.signer, tenant));
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body };
  });
}

async function require(parts: RouteParts, caller: Caller, permission: string): Promise<void> {
  const { principal } = caller;
  if (parts.access.permits(principal, permission)) return;
  const because = `${permission} not granted`;
  await parts.release(principal.tenant, [
    { type: 'access.denied', action: 'E', outcome: 'denied', caller, because },
  ]);
  refuse(kinds.authorizationDenied, `This needs the permission ${permission}.`);
}
