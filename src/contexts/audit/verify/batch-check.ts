import {
  chained,
  compareKeys,
  type EventKey,
  keyAt,
  keyCount,
  leafAt,
  type Place,
} from '../batch.ts';
import { eventId, leafContent, leafOf, type StoredActor, type StoredEvent } from '../leaf.ts';
import type { StoredBatch } from '../read-log.ts';
import type { Defect } from './defect.ts';

/** Compares one batch's list with the events found in its reach, both in the sequencer's order. */
export type BatchCheck = {
  readonly tenant: number;
  readonly actors: ReadonlyMap<bigint, StoredActor>;
  /** What is wrong with the row beyond its leaf: clear columns against commitments. */
  readonly clear: (event: StoredEvent) => string | undefined;
  readonly leaf: (leaf: Buffer) => Defect | undefined;
};

/**
 * The place after the batch, or the first thing wrong. `events` begins at `at`; the rest is
 * later's.
 */
export function checkBatch(
  check: BatchCheck,
  batch: StoredBatch,
  from: Place,
  rows: { readonly events: readonly StoredEvent[]; at: number },
): Place | Defect {
  const count = keyCount(batch.events);
  const unfit = batchFault(batch, count, from) ?? orderFault(batch, count, from);
  if (unfit !== undefined) return unfit;
  let { seq, chain } = from;
  for (let index = 0; index < count; index += 1) {
    seq += 1;
    const key = keyAt(batch.events, index);
    const leaf = leafAt(batch.leaves, index);
    const fault = rowFault(check, { seq, key, leaf, event: rows.events[rows.at] });
    if (fault !== undefined) return fault;
    rows.at += 1;
    chain = chained(chain, leaf, seq);
  }
  if (!chain.equals(batch.chain)) return chainFault(from.seq + 1, seq);
  for (let index = 0; index < count; index += 1) {
    const disagrees = check.leaf(leafAt(batch.leaves, index));
    if (disagrees !== undefined) return disagrees;
  }
  return { seq, chain, ...keyAt(batch.events, count - 1) };
}

function batchFault(batch: StoredBatch, count: number, from: Place): Defect | undefined {
  const first = Number(batch.first_seq);
  const seq = from.seq + 1;
  if (first > seq) {
    const says = `The events ${seq} to ${first - 1} are missing from the sequence.`;
    return { seq, what: 'deleted', says };
  }
  const whole =
    first === seq &&
    Number.isInteger(count) &&
    count > 0 &&
    Number(batch.last_seq) === from.seq + count &&
    batch.leaves.length === count * 32 &&
    compareKeys(keyAt(batch.events, count - 1), { xid: batch.last_xid, nth: batch.last_nth }) === 0;
  if (whole) return undefined;
  const says = `The record of the events from ${first} on was edited: its parts do not fit together.`;
  return { seq: Math.min(first, seq), what: 'edited', says };
}

type Row = {
  seq: number;
  key: EventKey;
  leaf: Buffer;
  event: StoredEvent | undefined;
};

function rowFault(check: BatchCheck, { seq, key, leaf, event }: Row): Defect | undefined {
  const order = event === undefined ? 1 : compareKeys(event, key);
  if (event === undefined || order > 0) {
    const says = `Event ${seq} was deleted.`;
    return { seq, eventId: eventId(key), what: 'deleted', says };
  }
  if (order < 0) {
    const says = `An event that was never sequenced was put in before event ${seq}.`;
    return { seq, eventId: eventId(event), what: 'inserted', says };
  }
  const content = leafContent(check.tenant, event, check.actors.get(event.actor));
  const edited = leafOf(content).equals(leaf) ? check.clear(event) : 'its content';
  if (edited === undefined) return undefined;
  const says = `Event ${seq} was edited: ${edited} is not what was written.`;
  return { seq, eventId: eventId(event), what: 'edited', says };
}

function orderFault(batch: StoredBatch, count: number, from: Place): Defect | undefined {
  let before: EventKey = from;
  for (let index = 0; index < count; index += 1) {
    const key = keyAt(batch.events, index);
    const seq = from.seq + 1 + index;
    const says = `Event ${seq} stands out of order: it was committed before the one it follows.`;
    if (compareKeys(before, key) >= 0)
      return { seq, eventId: eventId(key), what: 'reordered', says };
    before = key;
  }
  return undefined;
}

function chainFault(first: number, last: number): Defect {
  const events = first === last ? `event ${first}` : `one of the events ${first} to ${last}`;
  const says = `The chain breaks: ${events} was edited together with its hash, or moved.`;
  return { seq: first, what: 'edited', says };
}
