import { type Static, Type } from 'typebox';
import type { Log } from '../../platform/log.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { originOf } from './checkpoint-signer.ts';
import { lastPlace } from './last-place.ts';
import type { Sequencer } from './sequencer.ts';
import { newestCheckpoint } from './sign.ts';
import { type VerifyParts, verifyDatabase } from './verify/verify-database.ts';

const broken = Type.Object({
  seq: Type.Integer({ description: 'Sequence number, from 1' }),
  event_id: Type.Optional(Type.String()),
  what: Type.String({ description: 'edited, deleted, inserted, reordered, truncated, …' }),
  says: Type.String(),
});

export const integritySchema = Type.Object(
  {
    status: Type.Union([Type.Literal('valid'), Type.Literal('broken')]),
    checked: Type.Integer(),
    first_broken: Type.Union([broken, Type.Null()]),
    checkpoint: Type.Union([
      Type.Object({
        size: Type.Integer(),
        root: Type.String(),
        note: Type.String(),
        key: Type.String({ description: 'Public key, C2SP verifier key' }),
      }),
      Type.Null(),
    ]),
    unsequenced: Type.Integer({ description: 'Committed, not in the tree yet' }),
    erased: Type.Integer({ description: 'Events whose ids went with their subject’s key' }),
  },
  { description: 'What the verification found' },
);

export type IntegrityReport = Static<typeof integritySchema>;
export type Integrity = (tenant: number) => Promise<IntegrityReport>;

/** One verification per tenant at a time: who asks meanwhile gets the same answer. */
export function openIntegrity(parts: VerifyParts, sequencer: Sequencer, log: Log): Integrity {
  const running = new Map<number, Promise<IntegrityReport>>();
  return (tenant) => {
    const already = running.get(tenant);
    if (already !== undefined) return already;
    const begun = report(parts, sequencer, log, tenant).finally(() => running.delete(tenant));
    running.set(tenant, begun);
    return begun;
  };
}

async function report(
  parts: VerifyParts,
  sequencer: Sequencer,
  log: Log,
  tenant: number,
): Promise<IntegrityReport> {
  await sequencer
    .settle(tenant)
    .catch((err: unknown) => log.error({ err, tenant }, 'audit: sequencing before verifying'));
  const found = await verifyDatabase(parts, tenant);
  const { newest, unsequenced } = await parts.database.transaction(tenant, async (tx) => {
    const [checkpoint, count] = await Promise.all([newestCheckpoint(tx), countUnsequenced(tx)]);
    return { newest: checkpoint, unsequenced: count };
  });
  const { firstBroken: first } = found;
  if (first !== null) log.error({ tenant, ...first }, 'audit: the log is broken');
  return {
    status: found.status,
    checked: found.checked,
    first_broken: first === null ? null : brokenBody(first),
    checkpoint:
      newest === undefined
        ? null
        : {
            size: Number(newest.size),
            root: newest.root.toString('base64'),
            note: newest.note,
            key: parts.signer.verifierKey(originOf(tenant)),
          },
    unsequenced,
    erased: found.erased,
  };
}

function brokenBody({
  seq,
  eventId,
  what,
  says,
}: {
  seq: number;
  eventId?: string;
  what: string;
  says: string;
}) {
  return { seq, ...(eventId === undefined ? {} : { event_id: eventId }), what, says };
}

/** More than this is told as this: the number matters only while it is small. */
const COUNTED = 100_000;

async function countUnsequenced(tx: Transaction): Promise<number> {
  const { xid, nth } = await lastPlace(tx);
  const row = await tx.row<{ count: bigint }>(sql`
    select count(*) as count from (select from audit.event
      where tenant = ${tx.tenant} and (xid, nth) > (${xid}::int8, ${nth}::int4)
      limit ${COUNTED}) as counted`);
  return Number(row?.count ?? 0);
}
