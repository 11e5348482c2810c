import { refuseTerm } from './refused.ts';

/** Characters of a pattern, and states it becomes: a repetition {2,50} of a group multiplies. */
const MOST_TEXT = 500;
const MOST_STATES = 2_000;

type Matches = (code: number) => boolean;
/** A state consumes one character, or leads on without; `to` are what follows. */
type State = { matches: Matches | undefined; to: number[] };
/** A piece of the machine: where it starts, and the states whose `to` its successor is added to. */
type Part = { start: number; ends: number[] };

/**
 * A regular expression that matches in time proportional to the text, whoever wrote it: a filter of
 * a value set is a caller's text, and a backtracking matcher can be made to run for hours. Knows
 * literals, `.`, classes, groups, `|`, `* + ? {m,n}`, `\d \w \s` and anchors at the ends. The whole
 * text must match. Throws TerminologyRefused `not-supported` or `invalid`.
 */
export function compilePattern(text: string): Pattern {
  if (text.length > MOST_TEXT) {
    refuseTerm('too-costly', `A regular expression has at most ${MOST_TEXT} characters.`);
  }
  const states: State[] = [];
  const reader = { text, at: 0, states };
  if (text.startsWith('^')) reader.at = 1;
  const part = alternatives(reader);
  if (reader.at < text.length) wrong(reader, 'a ) without its (');
  const end = add(states, undefined);
  join(states, part, end);
  return machine(states, part.start, end);
}

/** `spent`: steps of all matching so far, about 20 ns each. */
export type Pattern = { matches(value: string): boolean; spent(): number };

type Reader = { text: string; at: number; states: State[] };

function wrong({ at }: Reader, says: string): never {
  return refuseTerm('invalid', `The regular expression has ${says}, at character ${at + 1}.`);
}

function add(states: State[], matches: Matches | undefined): number {
  if (states.length >= MOST_STATES) {
    refuseTerm('too-costly', `A regular expression becomes at most ${MOST_STATES} states.`);
  }
  return states.push({ matches, to: [] }) - 1;
}

function join(states: State[], part: Part, next: number): void {
  for (const end of part.ends) states[end]?.to.push(next);
}

function alternatives(reader: Reader): Part {
  const first = sequence(reader);
  if (reader.text[reader.at] !== '|') return first;
  const start = add(reader.states, undefined);
  const parts = [first];
  while (reader.text[reader.at] === '|') {
    reader.at += 1;
    parts.push(sequence(reader));
  }
  for (const part of parts) reader.states[start]?.to.push(part.start);
  return { start, ends: parts.flatMap((part) => part.ends) };
}

function sequence(reader: Reader): Part {
  const start = add(reader.states, undefined);
  let whole: Part = { start, ends: [start] };
  while (reader.at < reader.text.length && !'|)'.includes(reader.text[reader.at] ?? '')) {
    if (reader.text[reader.at] === '$' && reader.at === reader.text.length - 1) {
      reader.at += 1;
      break;
    }
    const next = repeated(reader);
    join(reader.states, whole, next.start);
    whole = { start, ends: next.ends };
  }
  return whole;
}

/** An atom and what follows it; a count makes the atom anew for each of its times. */
function repeated(reader: Reader): Part {
  const from = reader.at;
  const atom = single(reader);
  const count = counted(reader);
  if (count === undefined) return atom;
  const { least, most } = count;
  const after = reader.at;
  const start = add(reader.states, undefined);
  let whole: Part = { start, ends: [start] };
  const again = () => {
    reader.at = from;
    return single(reader);
  };
  const leaves: number[] = [];
  const times = most ?? Math.max(least, 1);
  for (let time = 0; time < times; time += 1) {
    const next = time === 0 ? atom : again();
    if (time >= least) leaves.push(...whole.ends);
    join(reader.states, whole, next.start);
    // Endless: the last one may follow itself.
    if (most === undefined && time === times - 1) join(reader.states, next, next.start);
    whole = next;
  }
  reader.at = after;
  return { start, ends: times === 0 ? [start] : [...new Set([...leaves, ...whole.ends])] };
}

type Count = { least: number; most: number | undefined };

function counted(reader: Reader): Count | undefined {
  const simple: Readonly<Record<string, Count>> = {
    '*': { least: 0, most: undefined },
    '+': { least: 1, most: undefined },
    '?': { least: 0, most: 1 },
  };
  const rest = reader.text.slice(reader.at, reader.at + 12);
  const plain = simple[rest[0] ?? ''];
  const braces = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(rest);
  if (plain === undefined && braces === null) return undefined;
  reader.at += plain === undefined ? (braces?.[0].length ?? 0) : 1;
  // Lazy or greedy: whether the whole matches is the same.
  if (reader.text[reader.at] === '?') reader.at += 1;
  if (plain !== undefined) return plain;
  const least = Number(braces?.[1]);
  const most = braces?.[2] === undefined ? least : braces[3] ? Number(braces[3]) : undefined;
  if (most !== undefined && most < least) wrong(reader, 'a {m,n} with n less than m');
  return { least, most };
}

function single(reader: Reader): Part {
  const char = reader.text[reader.at] ?? '';
  reader.at += 1;
  if (char === '(') return group(reader);
  if (char === '[') return one(reader, classOf(reader));
  if (char === '\\') return one(reader, escaped(reader));
  if (char === '.') return one(reader, (code) => code !== 10 && code !== 13);
  if ('*+?{^$'.includes(char)) wrong(reader, `a ${char} that stands for nothing`);
  const wanted = char.charCodeAt(0);
  return one(reader, (code) => code === wanted);
}

function one(reader: Reader, matches: Matches): Part {
  const start = add(reader.states, matches);
  return { start, ends: [start] };
}

function group(reader: Reader): Part {
  if (reader.text[reader.at] === '?') {
    if (reader.text[reader.at + 1] !== ':') {
      refuseTerm('not-supported', 'A regular expression here has no look-around and no names.');
    }
    reader.at += 2;
  }
  const part = alternatives(reader);
  if (reader.text[reader.at] !== ')') wrong(reader, 'a ( without its )');
  reader.at += 1;
  return part;
}

const digit: Matches = (code) => code >= 48 && code <= 57;
const word: Matches = (code) =>
  digit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const space: Matches = (code) => code === 32 || (code >= 9 && code <= 13) || code === 160;
const not =
  (matches: Matches): Matches =>
  (code) =>
    !matches(code);
const named: Readonly<Record<string, Matches>> = {
  ...{ d: digit, w: word, s: space },
  ...{ D: not(digit), W: not(word), S: not(space) },
};
const control: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

function escaped(reader: Reader): Matches {
  const char = reader.text[reader.at] ?? wrong(reader, 'a \\ at its end');
  reader.at += 1;
  const found = named[char];
  if (found !== undefined) return found;
  if (/[0-9A-Za-z]/.test(char) && control[char] === undefined) {
    refuseTerm('not-supported', `A regular expression here does not know \\${char}.`);
  }
  const wanted = control[char] ?? char.charCodeAt(0);
  return (code) => code === wanted;
}

function classOf(reader: Reader): Matches {
  const negated = reader.text[reader.at] === '^';
  if (negated) reader.at += 1;
  const members: Matches[] = [];
  for (let first = true; first || reader.text[reader.at] !== ']'; first = false) {
    const char = reader.text[reader.at] ?? wrong(reader, 'a [ without its ]');
    if (char === ']' && first) wrong(reader, 'an empty [ ]');
    reader.at += 1;
    if (char === '\\') members.push(escaped(reader));
    else members.push(range(reader, char));
  }
  reader.at += 1;
  const member: Matches = (code) => members.some((matches) => matches(code));
  return negated ? not(member) : member;
}

function range(reader: Reader, from: string): Matches {
  const low = from.charCodeAt(0);
  const until = reader.text[reader.at + 1];
  if (reader.text[reader.at] !== '-' || until === undefined || until === ']') {
    return (code) => code === low;
  }
  if (until === '\\') refuseTerm('not-supported', 'A range of a class ends in a plain character.');
  reader.at += 2;
  const high = until.charCodeAt(0);
  if (high < low) wrong(reader, 'a range that runs backwards');
  return (code) => code >= low && code <= high;
}

/** The states the machine may be in after the same characters: what follows is found once. */
type Node = { states: Set<number>; accepts: boolean; next: Map<number, Node> };

/** Nodes kept: a few dozen for a usual pattern, exponentially many for a hostile one. */
const MOST_NODES = 1_000;

/** All states at once, a character after the other (Thompson 1968). */
function machine(states: State[], start: number, end: number): Pattern {
  const first = nodeOf(states, [start], end);
  let nodes = 1;
  let spent = 0;
  return {
    spent: () => spent,
    matches(value) {
      let node = first;
      for (let i = 0; i < value.length; i += 1) {
        const code = value.charCodeAt(i);
        spent += 1;
        let next = node.next.get(code);
        if (next === undefined) {
          spent += node.states.size;
          const to = [...node.states].flatMap((at) =>
            states[at]?.matches?.(code) === true ? (states[at]?.to ?? []) : [],
          );
          next = nodeOf(states, to, end);
          spent += next.states.size;
          if (nodes < MOST_NODES) {
            nodes += 1;
            node.next.set(code, next);
          }
        }
        if (next.states.size === 0) return false;
        node = next;
      }
      return node.accepts;
    },
  };
}

/** With the states that are reached without a character. */
function nodeOf(states: State[], from: readonly number[], end: number): Node {
  const reached = new Set<number>();
  const waiting = [...from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const state = states[at];
    if (state !== undefined && state.matches === undefined) waiting.push(...state.to);
  }
  return { states: reached, accepts: reached.has(end), next: new Map() };
}
