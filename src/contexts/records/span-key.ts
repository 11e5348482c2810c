/**
 * Dates and quantities of a parameter are kept apart by how far their ends lie from each other, in
 * the lowest bits of their key: what reaches beyond a value then begins in a bounded range, which
 * an index finds. Keys of composites (their lower 48 bits are a token's) are left as they are.
 */
export const DAY_MS = 86_400_000;
/** A year written as such, leap years included. */
const YEAR_MS = 366 * DAY_MS;

/** `longest`: ms from the first to the last instant of such a date. */
export const dateSpans: readonly { readonly bit: bigint; readonly longest: number }[] = [
  { bit: 0n, longest: DAY_MS },
  { bit: 1n, longest: YEAR_MS },
  { bit: 2n, longest: Number.POSITIVE_INFINITY },
];

export const quantitySpans = { exact: 0n, range: 1n } as const;

const LOW_48 = (1n << 48n) - 1n;

/** The key a date is kept under; `low`, `high` in ms. */
export function dateKey(key: bigint, low: number, high: number): bigint {
  if (!isPlain(key)) return key;
  const last = dateSpans[2]?.bit ?? 0n;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return key | last;
  return key | (dateSpans.find(({ longest }) => high - low < longest)?.bit ?? last);
}

export function quantityKey(key: bigint, low: number, high: number): bigint {
  if (!isPlain(key)) return key;
  return key | (low === high ? quantitySpans.exact : quantitySpans.range);
}

/** Not of a composite. */
export function isPlain(key: bigint): boolean {
  return (key & LOW_48) === 0n;
}
