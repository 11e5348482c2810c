import type { Log } from '../../platform/log.ts';
import { int8Array } from '../../platform/postgres/binary-array.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { ActorCache } from './actor-cache.ts';
import type { CheckpointSigner } from './checkpoint-signer.ts';
import type { ClusterFloor } from './cluster.ts';
import { lagOf, TAKE, takeNext } from './sequence.ts';
import { signNext, Unsignable } from './sign.ts';

/** How soon after its commit an event is in the tree, when nothing older is still running. */
const TICK_MS = 200;
/** Every tenant is looked at this often, whatever this process knows of it. */
const SWEEP_MS = 10_000;
/** At most one checkpoint per tenant and this long. */
const SIGN_SECONDS = 10;
/**
 * A tenant is looked at for this long after it was nudged: its transaction may still be running.
 */
const AWAKE_MS = 5_000;
/** Batches per tenant and turn, so that one tenant's load does not keep the others waiting. */
const TURN = 20;
const LAG_SECONDS = 60;

export type Sequencer = {
  /** Something was written for this tenant, or is about to be. */
  nudge(tenant: number): void;
  /** Takes and signs all that can be taken now, without waiting for the next tick. */
  settle(tenant: number): Promise<void>;
  /** Seconds the oldest committed event has been waiting; see lagOf. */
  lag(tenant: number): Promise<number>;
  start(): void;
  /** Settles every tenant first. */
  stop(): Promise<void>;
};

export type SequencerParts = {
  readonly database: Database;
  readonly signer: CheckpointSigner;
  readonly log: Log;
  readonly tenants: () => Promise<readonly number[]>;
  readonly floor: ClusterFloor;
  readonly actors: ActorCache;
};

export function openSequencer(parts: SequencerParts): Sequencer {
  const { database, signer, log } = parts;
  const awake = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> = Promise.resolve();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const signAt = new Map<number, number>();

  /** True when the tenant may have more to take. */
  async function take(tenant: number, most: number): Promise<boolean> {
    for (let turn = 0; turn < most; turn += 1) {
      const taken = await database.transaction(tenant, (tx) => takeNext(tx, parts.floor));
      const events = taken?.events ?? [];
      if (events.length < TAKE) return events.length > 0;
    }
    return true;
  }

  async function sign(tenant: number, everySeconds: number): Promise<void> {
    try {
      const note = await database.transaction(tenant, (tx) => signNext(tx, signer, everySeconds));
      if (note !== undefined) await signer.keep(tenant, note);
    } catch (error) {
      if (!(error instanceof Unsignable)) throw error;
      log.error({ tenant, because: error.message }, 'audit: checkpoint not signed');
    }
  }

  /** Actors brought by transactions that have committed meanwhile need not be brought again. */
  async function adopt(tenant: number): Promise<void> {
    const awaited = parts.actors.awaited(tenant);
    if (awaited.length === 0) return;
    const rows = await database.transaction(tenant, (tx) =>
      tx.rows<{ id: bigint }>(sql`
        select id from audit.actor
         where tenant = ${tenant} and id = any(${int8Array(awaited)}::int8[])`),
    );
    parts.actors.adopt(
      tenant,
      rows.map((row) => row.id),
    );
  }

  async function work(tenant: number, now: number): Promise<void> {
    await adopt(tenant);
    if (await take(tenant, TURN)) awake.set(tenant, now + AWAKE_MS);
    if ((signAt.get(tenant) ?? 0) <= now) {
      signAt.set(tenant, now + SIGN_SECONDS * 1000);
      await sign(tenant, SIGN_SECONDS);
    }
    if ((awake.get(tenant) ?? 0) <= now) awake.delete(tenant);
  }

  async function turn(): Promise<void> {
    const now = performance.now();
    const sweep = now - sweptAt >= SWEEP_MS;
    if (sweep) sweptAt = now;
    const all = sweep ? await parts.tenants() : [...awake.keys()];
    for (const tenant of all) {
      await work(tenant, now);
      if (sweep) await warnOfLag(tenant);
    }
  }

  async function warnOfLag(tenant: number): Promise<void> {
    const seconds = await lag(tenant);
    if (seconds <= LAG_SECONDS) return;
    const hint = 'a transaction that long holds it back: see pg_stat_activity.backend_xid';
    log.warn({ tenant, seconds: Math.round(seconds), hint }, 'audit: the sequencer is behind');
  }

  function lag(tenant: number): Promise<number> {
    return database.transaction(tenant, lagOf);
  }

  function tick(): void {
    turning = turn()
      .catch((err: unknown) => log.error({ err }, 'audit: the sequencer failed; it tries again'))
      .finally(() => {
        if (timer !== undefined) timer = setTimeout(tick, TICK_MS).unref();
      });
  }

  async function settle(tenant: number): Promise<void> {
    while (await take(tenant, TURN));
    await sign(tenant, 0);
  }

  return {
    nudge: (tenant) => void awake.set(tenant, performance.now() + AWAKE_MS),
    settle,
    lag,
    start() {
      timer ??= setTimeout(tick, 0).unref();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await turning;
      for (const tenant of await parts.tenants()) await settle(tenant);
    },
  };
}
