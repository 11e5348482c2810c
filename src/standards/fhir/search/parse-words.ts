import { normalizeString } from './normalize.ts';
import type { Words } from './opened-clause.ts';
import { refuse } from './search-refused.ts';

/** Words of one value; each is looked for in every opened record. */
const maxWords = 32;
/** Levels of parentheses. */
const maxDepth = 8;

type Reader = { name: string; tokens: string[]; at: number; depth: number };

/**
 * Reads the text of `_text`, `_content` and string `:text` (R4 search.html#text): words that must
 * all be there, "several words" in a row, `wor*`, AND, OR, NOT and parentheses. AND binds stronger
 * than OR.
 */
export function wordsTest(name: string, text: string): Words {
  const tokens = text.match(/"[^"]*"?|[()]|[^\s()"]+/g) ?? [];
  if (tokens.length > maxWords * 3) refuse('too-costly', name, `${name} takes ${maxWords} words.`);
  const reader = { name, tokens, at: 0, depth: 0 };
  const found = readOr(reader);
  if (reader.at < tokens.length) return refuse('value', name, `${name} closes no parenthesis.`);
  if (count(found) > maxWords) refuse('too-costly', name, `${name} takes ${maxWords} words.`);
  return found;
}

function count(words: Words): number {
  if ('words' in words) return words.words.length;
  if ('not' in words) return count(words.not);
  const parts = 'and' in words ? words.and : words.or;
  return parts.reduce((sum, one) => sum + count(one), 0);
}

function readOr(reader: Reader): Words {
  const found = [readAnd(reader)];
  while (reader.tokens[reader.at] === 'OR') {
    reader.at += 1;
    found.push(readAnd(reader));
  }
  const [only] = found;
  return found.length === 1 && only ? only : { or: found };
}

function readAnd(reader: Reader): Words {
  const found: Words[] = [];
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === undefined || token === ')' || token === 'OR') break;
    if (token === 'AND' && found.length > 0) reader.at += 1;
    found.push(readOne(reader));
  }
  const [only] = found;
  if (!only) return refuse('value', reader.name, `${reader.name} takes words.`);
  return found.length === 1 ? only : { and: found };
}

function readOne(reader: Reader): Words {
  const { name, tokens } = reader;
  const token = tokens[reader.at] ?? '';
  reader.at += 1;
  if (token === 'NOT') return nested(reader, () => ({ not: readOne(reader) }));
  if (token === '(') {
    const inner = nested(reader, () => readOr(reader));
    if (tokens[reader.at] !== ')') refuse('value', name, `${name} leaves a parenthesis open.`);
    reader.at += 1;
    return inner;
  }
  if (token === ')' || token === 'AND' || token === 'OR' || token === '') {
    return refuse('value', name, `${name} takes words, joined by AND, OR or NOT.`);
  }
  const normal = normalizeString(token.replace(/\*+$/, ''));
  if (normal === '') return refuse('value', name, `${name} takes letters or digits.`);
  return { words: normal.split(' '), prefix: token.endsWith('*') };
}

function nested(reader: Reader, read: () => Words): Words {
  if (reader.depth >= maxDepth) {
    refuse('too-costly', reader.name, `${reader.name} takes ${maxDepth} levels.`);
  }
  reader.depth += 1;
  const found = read();
  reader.depth -= 1;
  return found;
}
