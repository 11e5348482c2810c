import type { SubjectKey } from '#phi';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Job, JobState } from './job.ts';
import { problemFrom } from './job.ts';

/** Without what was asked and kept, which may be megabytes nobody asks for. */
export type StatusRow = {
  id: string;
  owner: string;
  created_at: Date;
  expires_at: Date;
  kind: string;
  state: JobState;
  attempts: number;
  progress: string;
  result: Buffer | null;
};

export type JobRow = StatusRow & { asked: Buffer; kept: Buffer | null };

export const statusColumns: Sql = sql`id, owner, created_at, expires_at, kind, state, attempts,
  progress, result`;
const jobColumns: Sql = sql`${statusColumns}, asked, kept`;

type Part = 'asked' | 'kept' | 'result';

/** Bound to the job and the column, so that nothing can be put in another's place. */
export function sealJob(key: SubjectKey, id: string, part: Part, value: unknown): Buffer {
  return key.seal(Buffer.from(JSON.stringify(value ?? null)), `job/${id}/${part}`);
}

export function openJob(
  key: SubjectKey,
  { id, sealed }: { id: string; sealed: Buffer | null },
  part: Part,
): unknown {
  if (sealed === null) return undefined;
  return JSON.parse(key.open(sealed, `job/${id}/${part}`).toString('utf8')) as unknown;
}

export function jobFrom(key: SubjectKey, row: StatusRow): Job {
  const result = openJob(key, { id: row.id, sealed: row.result }, 'result');
  return {
    ...{ id: row.id, kind: row.kind, state: row.state, progress: row.progress },
    ...{ createdAt: row.created_at, expiresAt: row.expires_at },
    result: row.state === 'done' ? result : undefined,
    problem: row.state === 'failed' ? problemFrom(result) : undefined,
  };
}

/** Oldest first: one that waits, or one whose process has not been heard of in time. */
export async function claimJob(
  tx: Transaction,
  claim: { holder: string; now: Date; until: Date },
): Promise<JobRow | undefined> {
  return tx.row<JobRow>(sql`
    update records.job set state = 'running', holder = ${claim.holder}::uuid,
           lease_until = ${claim.until.toISOString()}::timestamptz, attempts = attempts + 1
     where id = (select id from records.job
                  where state = 'waiting'
                     or (state = 'running' and lease_until < ${claim.now.toISOString()}::timestamptz)
                  order by created_at limit 1 for update skip locked)
    returning ${jobColumns}`);
}

/** Whoever no longer holds it changes nothing, and hears so. */
export async function changeHeld(
  tx: Transaction,
  held: { id: string; holder: string },
  change: Sql,
): Promise<boolean> {
  const changed = await tx.run(sql`update records.job set ${change}
    where id = ${held.id}::uuid and holder = ${held.holder}::uuid and state = 'running'`);
  return changed === 1;
}
