import { isDecimal } from '../decimal.ts';
import { decimalKey } from '../fhirpath/decimal-math.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';

/**
 * How much more a patch may copy: without it, a thousand copies would double a record each time.
 */
export type CopyBudget = { members: number };

/** Half of what the largest body has; deeper than `parseResourceJson` reads, so nothing is lost. */
export const maxCopiedMembers = 500_000;
const maxLevels = 256;

export class CopyTooLarge extends Error {}

/** A copy that shares nothing but numbers kept as written, which cannot change. */
export function copyJson<Value>(value: Value, budget: CopyBudget): Value {
  return copied(value, budget, 0) as Value; // the same shape, member by member
}

function copied(value: unknown, budget: CopyBudget, level: number): unknown {
  if (--budget.members < 0 || level > maxLevels) throw new CopyTooLarge();
  if (Array.isArray(value)) return value.map((one) => copied(one, budget, level + 1));
  if (!isJsonObject(value)) return value;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) setMember(out, key, copied(value[key], budget, level + 1));
  return out;
}

/** Sets a member of its own, also one named __proto__. */
export function setMember(target: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    const own = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(target, key, own);
  } else target[key] = value;
}

/** RFC 6902 section 4.6: numbers by value, objects without order. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (isDecimal(one) && isDecimal(other)) return decimalKey(one) === decimalKey(other);
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((value, at) => sameJson(value, other[at]))
    );
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  );
}
