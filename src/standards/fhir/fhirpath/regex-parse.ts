import { FhirPathRefused } from './refused.ts';

/** What a regular expression means, before it is a program. */
export type RegexTree =
  | { kind: 'characters'; has: (point: number) => boolean }
  | { kind: 'sequence'; parts: readonly RegexTree[] }
  | { kind: 'choice'; parts: readonly RegexTree[] }
  | { kind: 'repeat'; part: RegexTree; least: number; most: number; lazy: boolean }
  | { kind: 'group'; part: RegexTree; number: number }
  | { kind: 'edge'; edge: 'start' | 'end' | 'word' | 'no-word' }
  | { kind: 'look'; part: RegexTree; behind: boolean; wanted: boolean };

export type ParsedRegex = { tree: RegexTree; groups: number; names: ReadonlyMap<string, number> };

/** Characters of a pattern, and parentheses in each other: both bound the stack and the program. */
const longestPattern = 4000;
const maxNesting = 50;
/** Repetitions are written out: {0,254} costs 254 copies. */
const mostRepetitions = 2000;

type State = {
  text: string;
  at: number;
  groups: number;
  nesting: number;
  names: Map<string, number>;
};

function refuse(text: string): never {
  throw new FhirPathRefused('execution', `A regular expression: ${text}.`);
}

/** @throws {FhirPathRefused} for what is no regular expression, and for a backward reference. */
export function parseRegex(text: string): ParsedRegex {
  if (text.length > longestPattern) refuse(`it has more than ${longestPattern} characters`);
  const state: State = { text, at: 0, groups: 0, nesting: 0, names: new Map() };
  const tree = choice(state);
  if (state.at < text.length) refuse('a ) that closes nothing');
  return { tree, groups: state.groups, names: state.names };
}

function choice(state: State): RegexTree {
  if (++state.nesting > maxNesting) refuse(`more than ${maxNesting} groups in each other`);
  const parts = [sequence(state)];
  while (state.text[state.at] === '|') {
    state.at++;
    parts.push(sequence(state));
  }
  state.nesting--;
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'choice', parts };
}

function sequence(state: State): RegexTree {
  const parts: RegexTree[] = [];
  while (
    state.at < state.text.length &&
    state.text[state.at] !== '|' &&
    state.text[state.at] !== ')'
  ) {
    parts.push(repeated(state));
  }
  return { kind: 'sequence', parts };
}

function repeated(state: State): RegexTree {
  let part = atom(state);
  for (;;) {
    const count = repetition(state);
    if (!count) return part;
    const lazy = state.text[state.at] === '?';
    const possessive = state.text[state.at] === '+';
    if (possessive) refuse('a possessive repetition');
    if (lazy) state.at++;
    part = { kind: 'repeat', part, ...count, lazy };
  }
}

function repetition(state: State): { least: number; most: number } | undefined {
  const first = state.text[state.at];
  const simple = first === '*' ? [0, Infinity] : first === '+' ? [1, Infinity] : [0, 1];
  if (first === '*' || first === '+' || first === '?') {
    state.at++;
    return { least: simple[0] ?? 0, most: simple[1] ?? 1 };
  }
  const counted = /\{(\d{1,6})(,(\d{0,6}))?\}/y;
  counted.lastIndex = state.at;
  const found = first === '{' ? counted.exec(state.text) : null;
  if (!found) return undefined;
  state.at = counted.lastIndex;
  const least = Number(found[1]);
  const most = found[2] === undefined ? least : found[3] ? Number(found[3]) : Infinity;
  if (most < least) refuse('a repetition whose least is above its most');
  if (least > mostRepetitions || (most !== Infinity && most > mostRepetitions)) {
    refuse(`more than ${mostRepetitions} repetitions`);
  }
  return { least, most };
}

function atom(state: State): RegexTree {
  const first = state.text[state.at] ?? '';
  switch (first) {
    case '(':
      return group(state);
    case '[':
      return characterClass(state);
    case '\\':
      return escaped(state);
    case '.':
      state.at++;
      return { kind: 'characters', has: () => true }; // N1: single line mode
    case '^':
      state.at++;
      return { kind: 'edge', edge: 'start' };
    case '$':
      state.at++;
      return { kind: 'edge', edge: 'end' };
    case '*':
    case '+':
    case '?':
      return refuse('a repetition of nothing');
    default: {
      const point = state.text.codePointAt(state.at) ?? 0;
      state.at += point > 0xffff ? 2 : 1;
      return { kind: 'characters', has: (other) => other === point };
    }
  }
}

const looks: Readonly<Record<string, { behind: boolean; wanted: boolean }>> = {
  '(?=': { behind: false, wanted: true },
  '(?!': { behind: false, wanted: false },
  '(?<=': { behind: true, wanted: true },
  '(?<!': { behind: true, wanted: false },
};

function group(state: State): RegexTree {
  const opening = /\((?:\?(?:[:=!]|<[=!]|<([A-Za-z][A-Za-z0-9_]{0,50})>))?/y;
  opening.lastIndex = state.at;
  const found = opening.exec(state.text);
  const open = found?.[0] ?? '(';
  if (open === '(' && state.text[state.at + 1] === '?') refuse('a group of an unknown kind');
  state.at += open.length;
  const look = looks[open];
  const number = look || open === '(?:' ? undefined : ++state.groups;
  if (found?.[1] !== undefined && number !== undefined) state.names.set(found[1], number);
  const part = choice(state);
  if (state.text[state.at] !== ')') refuse('a ( that is never closed');
  state.at++;
  if (look) return { kind: 'look', part, ...look };
  return number === undefined ? part : { kind: 'group', part, number };
}

function characterClass(state: State): RegexTree {
  const from = state.at;
  let at = from + 1;
  while (at < state.text.length && state.text[at] !== ']') at += state.text[at] === '\\' ? 2 : 1;
  if (at >= state.text.length) refuse('a [ that is never closed');
  state.at = at + 1;
  return { kind: 'characters', has: oneOf(state.text.slice(from, at + 1)) };
}

function escaped(state: State): RegexTree {
  const form =
    /\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[pP]\{[A-Za-z_=]{1,60}\}|[\s\S])/y;
  form.lastIndex = state.at;
  const found = form.exec(state.text)?.[0];
  if (found === undefined) return refuse('a \\ at its end');
  state.at = form.lastIndex;
  if (found === '\\b') return { kind: 'edge', edge: 'word' };
  if (found === '\\B') return { kind: 'edge', edge: 'no-word' };
  if (found === '\\A') return { kind: 'edge', edge: 'start' };
  if (found === '\\z' || found === '\\Z') return { kind: 'edge', edge: 'end' };
  if (/^\\[1-9k]$/.test(found))
    refuse('a backward reference, which cannot be matched in bounded time');
  return { kind: 'characters', has: oneOf(`[${found}]`) };
}

/**
 * Which characters a class holds. One character at a time, the platform's own engine answers at
 * once; what it says of ASCII is remembered.
 */
function oneOf(text: string): (point: number) => boolean {
  const pattern = singleCharacter(text);
  const ascii = new Uint8Array(128);
  for (let point = 0; point < 128; point++) {
    ascii[point] = pattern.test(String.fromCharCode(point)) ? 1 : 0;
  }
  return (point) => (point < 128 ? ascii[point] === 1 : pattern.test(String.fromCodePoint(point)));
}

function singleCharacter(text: string): RegExp {
  try {
    return new RegExp(`^${text}$`, 'u');
  } catch {
    // R4 itself writes \@ and the like, which only the older rules of JavaScript allow.
  }
  try {
    return new RegExp(`^${text}$`);
  } catch {
    return refuse('a set of characters that cannot be read');
  }
}
