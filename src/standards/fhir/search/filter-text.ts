import { refuse } from './search-refused.ts';

/** Tests in one filter, and levels of parentheses, brackets and names it may go down. */
const maxTests = 100;
const maxDepth = 16;

export type Filter =
  | { on: 'and' | 'or'; filters: Filter[] }
  | { on: 'not'; filter: Filter }
  | { on: 'test'; path: FilterPath; operator: string; value: string };
/** `name`, `name.rest` or `name[where].rest`. */
export type FilterPath = { name: string; where?: Filter; rest?: FilterPath };

type Reader = { text: string; at: number; depth: number; tests: number };

/**
 * Reads a `_filter` (R4 search_filter.html). `and` and `or` are taken from left to right, neither
 * binds stronger. Refuses what is no filter, more than 100 tests, more than 16 levels.
 */
export function readFilter(text: string): Filter {
  const reader = { text, at: 0, depth: 0, tests: 0 };
  const found = readLogic(reader);
  skip(reader);
  return reader.at < text.length ? wrong('and, or, or its end', reader) : found;
}

function wrong(expected: string, reader: Reader): never {
  const text = `_filter expects ${expected} at character ${reader.at + 1}.`;
  return refuse('value', '_filter', text);
}

function deeper<Found>(reader: Reader, read: (reader: Reader) => Found): Found {
  if (reader.depth >= maxDepth) {
    refuse('too-costly', '_filter', `_filter goes at most ${maxDepth} levels down.`);
  }
  reader.depth += 1;
  const found = read(reader);
  reader.depth -= 1;
  return found;
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text.charAt(reader.at))) reader.at += 1;
}

/** What matches here, after white space; '' and nothing read if it does not. */
function take(reader: Reader, pattern: RegExp): string {
  skip(reader);
  pattern.lastIndex = reader.at;
  const [found = ''] = pattern.exec(reader.text) ?? [];
  reader.at += found.length;
  return found;
}

function readLogic(reader: Reader): Filter {
  let left = readOne(reader);
  for (;;) {
    const word = take(reader, /(?:and|or)(?=[\s(])/iy).toLowerCase();
    if (word !== 'and' && word !== 'or') return left;
    const right = readOne(reader);
    left =
      left.on === word
        ? { on: word, filters: [...left.filters, right] }
        : { on: word, filters: [left, right] };
  }
}

function readOne(reader: Reader): Filter {
  if (take(reader, /not(?=\s*\()/iy) !== '') return { on: 'not', filter: readGroup(reader) };
  skip(reader);
  if (reader.text[reader.at] === '(') return readGroup(reader);
  return readTest(reader);
}

function readGroup(reader: Reader): Filter {
  if (take(reader, /\(/y) === '') return wrong('(', reader);
  const inner = deeper(reader, readLogic);
  return take(reader, /\)/y) === '' ? wrong(')', reader) : inner;
}

function readTest(reader: Reader): Filter {
  reader.tests += 1;
  if (reader.tests > maxTests) {
    refuse('too-costly', '_filter', `_filter has at most ${maxTests} tests.`);
  }
  const path = readPath(reader);
  const operator = take(reader, /[a-z]{2}(?=\s)/iy).toLowerCase();
  if (operator === '') return wrong('an operator such as eq', reader);
  return { on: 'test', path, operator, value: readValue(reader) };
}

/** A name may say the type it leads to (`subject:Patient`). */
function readPath(reader: Reader): FilterPath {
  const name = take(reader, /[A-Za-z_][\w-]{0,63}(?::[A-Za-z]{1,64})?/y);
  if (name === '') return wrong('the name of a search parameter', reader);
  const path: FilterPath = { name };
  if (reader.text[reader.at] === '[') {
    reader.at += 1;
    path.where = deeper(reader, readLogic);
    if (take(reader, /\]/y) === '') return wrong(']', reader);
    if (reader.text[reader.at] !== '.') return wrong('. and a name', reader);
  }
  if (reader.text[reader.at] === '.') {
    reader.at += 1;
    path.rest = deeper(reader, readPath);
  }
  return path;
}

function readValue(reader: Reader): string {
  skip(reader);
  if (reader.text[reader.at] !== '"') {
    const token = take(reader, /[^\s)\]]+/y);
    return token === '' ? wrong('a value', reader) : token;
  }
  const quoted = take(reader, /"(?:[^"\\]|\\.)*"/sy);
  try {
    const value: unknown = JSON.parse(quoted);
    if (typeof value === 'string' && value !== '') return value;
  } catch {
    return wrong('a string as JSON writes it', reader);
  }
  return wrong('a string that is not empty', reader);
}
