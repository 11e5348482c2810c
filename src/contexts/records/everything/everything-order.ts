import { refuse } from '../../../platform/problem.ts';
import { dateRange } from '../../../standards/fhir/search/date-range.ts';
import type { Pairs } from '../bulk/parameter.ts';
import { recordKinds } from '../problems.ts';

/** R4's $everything of a Patient, an Encounter or a Group, as asked. */
export type EverythingOrder = {
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
  readonly types?: string;
  /** Absent: all of it in one streamed answer. */
  readonly count?: number;
  readonly cursor?: string;
};

const MOST = 1000;

/** `dates`: the operation has start and end, which an Encounter's has not. */
export function everythingOrder(pairs: Pairs, dates: boolean): EverythingOrder {
  const order: { -readonly [K in keyof EverythingOrder]: EverythingOrder[K] } = {};
  for (const [name, value] of pairs) {
    if (name === '_format' || name === '_pretty') continue;
    if (name === '_since') order.since = dated(name, value);
    else if (dates && name === 'start') order.start = dated(name, value);
    else if (dates && name === 'end') order.end = dated(name, value);
    else if (name === '_type') order.types = order.types ? `${order.types},${value}` : value;
    else if (name === '_count') order.count = counted(value);
    else if (name === '_cursor') order.cursor = value;
    else {
      const known = `${dates ? 'start, end, ' : ''}_since, _type and _count`;
      refuse(recordKinds.badRequest, `$everything takes ${known} here.`);
    }
  }
  return order;
}

function dated(name: string, value: string): string {
  if (dateRange(value) !== undefined) return value;
  return refuse(recordKinds.badRequest, `${name} is a date or an instant of FHIR.`);
}

function counted(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value) && Number(value) <= MOST) return Number(value);
  return refuse(recordKinds.badRequest, `_count is a number from 1 to ${MOST}.`);
}
