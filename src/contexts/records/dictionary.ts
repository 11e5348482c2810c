import { readFileSync } from 'node:fs';

/**
 * Text that a type's JSON tends to hold, for the compressor. What was written with a dictionary can
 * only be read with it: a published one is never edited, a better one gets the next number.
 */
export const CURRENT = 1;

export type Dictionary = { readonly number: number; readonly bytes: Buffer };

const folder = new URL('../../generated/dictionary/', import.meta.url);
const loaded = new Map<string, Dictionary | undefined>();

/** undefined: this type has none in that edition. */
export function dictionaryOf(type: string, number: number): Dictionary | undefined {
  const key = `${number}/${type}`;
  if (loaded.has(key)) return loaded.get(key);
  const text = editions(number)[type];
  const dictionary = text === undefined ? undefined : { number, bytes: Buffer.from(text) };
  loaded.set(key, dictionary);
  return dictionary;
}

const read = new Map<number, Readonly<Record<string, string>>>();

function editions(number: number): Readonly<Record<string, string>> {
  const known = read.get(number);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`v${number}.json`, folder), 'utf8');
  const edition = (JSON.parse(text) as { types: Record<string, string> }).types;
  read.set(number, edition);
  return edition;
}
