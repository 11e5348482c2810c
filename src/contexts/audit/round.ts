import type { Log } from '../../platform/log.ts';
import { int8Array } from '../../platform/postgres/binary-array.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { ActorCache } from './actor-cache.ts';
import type { CheckpointSigner } from './checkpoint-signer.ts';
import type { ClusterFloor } from './cluster.ts';
import { lagOf, TAKE, takeNext } from './sequence.ts';
import { signNext, Unsignable } from './sign.ts';

/** Batches per tenant and turn, so that one tenant's load does not keep the others waiting. */
const TURN = 20;

export type RoundParts = {
  readonly database: Database;
  readonly signer: CheckpointSigner;
  readonly log: Log;
  readonly floor: ClusterFloor;
  readonly actors: ActorCache;
};

/** What the sequencer does for one tenant; when, is the sequencer's. */
export class Round {
  readonly #parts: RoundParts;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** True when the tenant may have more to take. */
  async take(tenant: number): Promise<boolean> {
    const { database, floor } = this.#parts;
    for (let turn = 0; turn < TURN; turn += 1) {
      const taken = await database.transaction(tenant, (tx) => takeNext(tx, floor));
      const count = taken?.events.length ?? 0;
      if (count < TAKE) return count > 0;
    }
    return true;
  }

  /** Signs what grew since a checkpoint of at least `everySeconds` ago. */
  async sign(tenant: number, everySeconds: number): Promise<void> {
    const { database, signer, log } = this.#parts;
    try {
      const note = await database.transaction(tenant, (tx) => signNext(tx, signer, everySeconds));
      if (note !== undefined) await signer.keep(tenant, note);
    } catch (error) {
      if (!(error instanceof Unsignable)) throw error;
      log.error({ tenant, because: error.message }, 'audit: checkpoint not signed');
    }
  }

  /** Actors brought by transactions that have committed meanwhile need not be brought again. */
  async adopt(tenant: number): Promise<void> {
    const { database, actors } = this.#parts;
    const awaited = actors.awaited(tenant);
    if (awaited.length === 0) return;
    const rows = await database.transaction(tenant, (tx) =>
      tx.rows<{ id: bigint }>(sql`
        select id from audit.actor
         where tenant = ${tenant} and id = any(${int8Array(awaited)}::int8[])`),
    );
    const ids = rows.map((row) => row.id);
    actors.adopt(tenant, ids);
  }

  /** Seconds the oldest committed event has been waiting. */
  lag(tenant: number): Promise<number> {
    return this.#parts.database.transaction(tenant, lagOf);
  }

  /** Takes and signs all that can be taken now. */
  async settle(tenant: number): Promise<void> {
    while (await this.take(tenant));
    await this.sign(tenant, 0);
  }

  /** One tenant's trouble keeps no other's log waiting. */
  async alone(tenant: number, task: () => Promise<void>): Promise<void> {
    await task().catch((err: unknown) =>
      this.#parts.log.error(
        { err, tenant },
        'audit: sequencing failed; what is committed waits for the next turn',
      ),
    );
  }
}
