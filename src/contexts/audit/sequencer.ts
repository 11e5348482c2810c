import { Round, type RoundParts } from './round.ts';

/** How soon after its commit an event is in the tree, when nothing older is still running. */
const TICK_MS = 200;
/** Every tenant is looked at this often, whatever this process knows of it. */
const SWEEP_MS = 10_000;
/** At most one checkpoint per tenant and this long. */
const SIGN_SECONDS = 10;
/** A tenant is looked at for this long after a nudge: its transaction may still be running. */
const AWAKE_MS = 5_000;
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

export type SequencerParts = RoundParts & { readonly tenants: () => Promise<readonly number[]> };

export function openSequencer(parts: SequencerParts): Sequencer {
  const { log, tenants } = parts;
  const round = new Round(parts);
  const awake = new Map<number, number>();
  const signAt = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> = Promise.resolve();
  let sweptAt = Number.NEGATIVE_INFINITY;

  async function work(tenant: number, now: number): Promise<void> {
    await round.adopt(tenant);
    if (await round.take(tenant)) awake.set(tenant, now + AWAKE_MS);
    if ((signAt.get(tenant) ?? 0) <= now) {
      signAt.set(tenant, now + SIGN_SECONDS * 1000);
      await round.sign(tenant, SIGN_SECONDS);
    }
    if ((awake.get(tenant) ?? 0) <= now) awake.delete(tenant);
  }

  async function turn(): Promise<void> {
    const now = performance.now();
    const sweep = now - sweptAt >= SWEEP_MS;
    if (sweep) sweptAt = now;
    for (const tenant of sweep ? await tenants() : [...awake.keys()]) {
      await round.alone(tenant, async () => {
        await work(tenant, now);
        if (sweep) await warnOfLag(tenant);
      });
    }
  }

  async function warnOfLag(tenant: number): Promise<void> {
    const seconds = await round.lag(tenant);
    if (seconds <= LAG_SECONDS) return;
    const hint = 'a transaction that long holds it back: see pg_stat_activity.backend_xid';
    log.warn({ tenant, seconds: Math.round(seconds), hint }, 'audit: the sequencer is behind');
  }

  function tick(): void {
    turning = turn()
      .catch((err: unknown) => log.error({ err }, 'audit: the tenants cannot be listed'))
      .finally(() => {
        if (timer !== undefined) timer = setTimeout(tick, TICK_MS).unref();
      });
  }

  return {
    nudge: (tenant) => void awake.set(tenant, performance.now() + AWAKE_MS),
    settle: (tenant) => round.settle(tenant),
    lag: (tenant) => round.lag(tenant),
    start() {
      timer ??= setTimeout(tick, 0).unref();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await turning;
      const all = await tenants().catch((err: unknown) => {
        log.error({ err }, 'audit: stopped before all was sequenced; the next start goes on');
        return [];
      });
      for (const tenant of all) await round.alone(tenant, () => round.settle(tenant));
    },
  };
}
