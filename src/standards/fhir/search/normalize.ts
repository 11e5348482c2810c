/** Longest prefix that is indexed, in code points; a longer search text needs `:exact`. */
export const maxPrefix = 32;
/** Words after the eighth are found only by `:exact` or from the beginning of the field. */
const maxWords = 8;

/** Letters that NFKD leaves whole although people search them by their plain form. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
  ƶ: 'z',
  ɓ: 'b',
  ɗ: 'd',
  ƙ: 'k',
  ς: 'σ',
};
/**
 * Accents of any script, vowel points of Hebrew and Arabic, tatweel, and signs without a shape. Not
 * the vowel signs of Indic and Thai letters, nor the marks that make カ to ガ: those make other
 * words.
 */
const marks = new RegExp(
  [
    '(?![\\u3099\\u309a])[\\p{Script=Inherited}\\p{Cf}\\u0483-\\u0489\\u0591-\\u05bd\\u05bf-\\u05c7',
    '\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06ed]',
  ].join(''),
  'gu',
);
const plainAscii = /^[a-z0-9]+(?: [a-z0-9]+)*$/;

/**
 * The form in which strings are compared (R4 search.html#string: without case, combining marks and
 * punctuation, white space once). Apostrophes and full stops vanish (O'Brien is obrien), other
 * punctuation parts words.
 */
export function normalizeString(text: string): string {
  const lower = text.toLowerCase();
  if (plainAscii.test(lower)) return lower;
  return lower
    .normalize('NFKD')
    .toLowerCase()
    .replace(marks, '')
    .replace(/[ßæœøđðłþıħŧŋƶɓɗƙς]/g, (letter) => letters[letter] ?? letter)
    .replace(/['’ʼ`´.׳״]/g, '')
    .replace(/[\p{P}\s]+/gu, ' ')
    .trim();
}

/**
 * What is indexed so that a search text finds by equality: the beginnings, 1 to 32 code points
 * long, of a normalized text. With `words`, for parts of names and addresses, also the beginnings
 * of each later word up to its end: quinones finds "carreno quinones" ("servers should search the
 * parts of a family name independently").
 */
export function stringPrefixes(normalized: string, words = false): string[] {
  const prefixes = new Set<string>();
  addPrefixes(normalized, prefixes);
  if (words) {
    for (const word of normalized.split(' ').slice(1, maxWords)) addPrefixes(word, prefixes);
  }
  return [...prefixes];
}

function addPrefixes(text: string, prefixes: Set<string>): void {
  let prefix = '';
  let length = 0;
  for (const point of text) {
    if (++length > maxPrefix) return;
    prefix += point;
    // A search text is trimmed, so nobody asks for a prefix that ends in a space.
    if (point !== ' ') prefixes.add(prefix);
  }
}

/**
 * Distinct trigrams of one text that are indexed; a longer text has the `longText` mark instead.
 */
const maxTrigrams = 128;
/** What stands for the trigrams of a text that has too many: every `:contains` must open it. */
export const longText = '*';

/**
 * What is indexed so that `:contains` opens only what may answer: the distinct runs of three code
 * points of the whole normalized text, at most 128, or only `longText` if there are more.
 */
export function stringTrigrams(normalized: string): string[] {
  const points = [...normalized];
  const found = new Set<string>();
  for (let at = 0; at + 3 <= points.length; at++) {
    found.add(points.slice(at, at + 3).join(''));
    if (found.size > maxTrigrams) return [longText];
  }
  return [...found];
}
