import type { Database } from '../../platform/postgres/database.ts';
import { kinds, Problem } from '../../platform/problem.ts';
import { currentBySelf, type Stored } from './stored.ts';

/** Reads that arrive while others are on their way share the next statement. */
export type ReadBatch = { fetch(tenant: number, self: bigint): Promise<Stored | undefined> };

/** Statements on their way per tenant: with one, all who wait meanwhile share the next. */
const IN_FLIGHT = 1;
const PER_STATEMENT = 128;
const WAITING = 20_000;

type Waiting = {
  self: bigint;
  resolve: (stored: Stored | undefined) => void;
  reject: (error: unknown) => void;
};

type Lane = { waiting: Waiting[]; running: number };

export function openReadBatch(database: Database): ReadBatch {
  const lanes = new Map<number, Lane>();

  function pump(tenant: number, lane: Lane): void {
    while (lane.running < IN_FLIGHT && lane.waiting.length > 0) {
      const batch = lane.waiting.splice(0, PER_STATEMENT);
      lane.running += 1;
      void load(tenant, batch).finally(() => {
        lane.running -= 1;
        if (lane.waiting.length > 0) pump(tenant, lane);
        else if (lane.running === 0) lanes.delete(tenant);
      });
    }
  }

  async function load(tenant: number, batch: readonly Waiting[]): Promise<void> {
    try {
      const selves = batch.map((one) => one.self);
      const found = await database.transaction(tenant, (tx) =>
        tx.last(() => currentBySelf(tx, selves)),
      );
      for (const one of batch) one.resolve(found.get(one.self));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  return {
    fetch(tenant, self) {
      return new Promise((resolve, reject) => {
        const lane = lanes.get(tenant) ?? { waiting: [], running: 0 };
        lanes.set(tenant, lane);
        if (lane.waiting.length >= WAITING) {
          const text = 'Too many reads are waiting; try again shortly.';
          reject(new Problem(kinds.unavailable, text, { headers: { 'retry-after': '1' } }));
          return;
        }
        lane.waiting.push({ self, resolve, reject });
        pump(tenant, lane);
      });
    },
  };
}
