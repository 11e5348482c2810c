import type { Hasher } from '#phi';
import { parameterNumber, STORED } from './parameter-number.ts';
import { isStoredParam } from './stored-param.ts';

/**
 * The keyed names rows carry instead of values. One place, so that what is written and what is
 * searched can never drift apart. Every domain below is a string of its own.
 */
const LOW_48 = (1n << 48n) - 1n;

/** A record's name within its tenant. */
export function selfName(hash: Hasher, type: string, id: string): bigint {
  return hash('self', `${type}/${id}`);
}

/** The name of an absolute reference that is not ours. */
export function urlName(hash: Hasher, url: string): bigint {
  return hash('url', url);
}

/** Tokens, strings, uris: parameter in the upper 16 bits, 48 bits of hash below. */
export function valueName(hash: Hasher, type: string, param: string, value: string): bigint {
  const number = parameterNumber(type, param);
  const domain = number === STORED ? `value:${type}.${param}` : `value:${number}`;
  return (BigInt(number) << 48n) | (hash(domain, value) & LOW_48);
}

/** The smallest and largest value name of a parameter: every row of it lies between. */
export function valueRange(type: string, param: string): [bigint, bigint] {
  const low = BigInt(parameterNumber(type, param)) << 48n;
  return [low, low | LOW_48];
}

/** Key of dates and quantities; `part` is a composite's token, '' outside composites. */
export function rangeKey(hash: Hasher, type: string, param: string, part: string): bigint {
  const plain = part === '' && !isStoredParam(param);
  return plain ? BigInt(parameterNumber(type, param)) << 48n : valueName(hash, type, param, part);
}

/** The number a reference row has: that of the parameter, or 31 bits of a tenant's own. */
export function referenceNumber(hash: Hasher, type: string, param: string): number {
  if (!isStoredParam(param)) return parameterNumber(type, param);
  return Number(BigInt.asUintN(30, hash('reference parameter', `${type}.${param}`))) + 65_536;
}

/** 32 bits; 0 says there is none. */
export function systemName(hash: Hasher, system: string): number {
  return system === '' ? 0 : Number(BigInt.asIntN(32, hash('system', system))) || 1;
}

export function unitName(hash: Hasher, system: string, code: string): number {
  return Number(BigInt.asIntN(32, hash('unit', `${system}|${code}`))) || 1;
}

/** The unit a dimension is compared in is a UCUM code: values written in it need no second row. */
export function canonicalName(hash: Hasher, unit: string): number {
  return unitName(hash, 'http://unitsofmeasure.org', unit);
}
