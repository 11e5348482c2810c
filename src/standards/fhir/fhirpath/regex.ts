import { FhirPathRefused } from './refused.ts';
import { parseRegex, type RegexTree } from './regex-parse.ts';
import { type Run, spend, spendText } from './run.ts';

/**
 * A regular expression of our own engine. JavaScript's cannot be stopped once it backtracks without
 * end, so a pattern from outside must not reach it. Here no state (instruction, place in the text)
 * is visited twice, which bounds a search by pattern times text, and each visit is paid for.
 */
export type Regex = {
  text: string;
  program: readonly Instruction[];
  slots: number;
  names: ReadonlyMap<string, number>;
};

type Instruction =
  | { op: 'characters'; has: (point: number) => boolean }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { op: 'save'; slot: number }
  | { op: 'edge'; edge: 'start' | 'end' | 'word' | 'no-word' }
  | { op: 'look'; program: readonly Instruction[]; behind: boolean; wanted: boolean }
  | { op: 'match' };

/** Instructions of a program: 60 bytes each. */
const longestProgram = 20_000;
/** Bits for the states of one search: 4 MB. */
const maxStates = 1 << 25;
/** So many instructions are one step of the budget. */
const perStep = 4;

/** @throws {FhirPathRefused} for what `parseRegex` refuses, and for one that grows too long. */
export function compileRegex(text: string): Regex {
  const { tree, groups, names } = parseRegex(text);
  return { text, program: programOf(tree), slots: 2 * (groups + 1), names };
}

function programOf(tree: RegexTree): readonly Instruction[] {
  const program: Instruction[] = [{ op: 'save', slot: 0 }];
  emit(program, tree);
  add(program, { op: 'save', slot: 1 });
  add(program, { op: 'match' });
  return program;
}

function add(program: Instruction[], instruction: Instruction): void {
  if (program.length >= longestProgram) {
    throw new FhirPathRefused('too-costly', 'A regular expression: its repetitions are too many.');
  }
  program.push(instruction);
}

function emit(program: Instruction[], tree: RegexTree): void {
  if (tree.kind === 'sequence') for (const part of tree.parts) emit(program, part);
  else if (tree.kind === 'choice') emitChoice(program, tree.parts);
  else if (tree.kind === 'repeat') emitRepeat(program, tree);
  else if (tree.kind === 'group') {
    add(program, { op: 'save', slot: 2 * tree.number });
    emit(program, tree.part);
    add(program, { op: 'save', slot: 2 * tree.number + 1 });
  } else if (tree.kind === 'look') {
    const { behind, wanted } = tree;
    add(program, { op: 'look', program: programOf(tree.part), behind, wanted });
  } else if (tree.kind === 'edge') add(program, { op: 'edge', edge: tree.edge });
  else add(program, { op: 'characters', has: tree.has });
}

function emitChoice(program: Instruction[], parts: readonly RegexTree[]): void {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [at, part] of parts.entries()) {
    if (at === parts.length - 1) {
      emit(program, part);
      break;
    }
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    add(program, split);
    emit(program, part);
    const jump = { op: 'jump' as const, to: 0 };
    jumps.push(jump);
    add(program, jump);
    split.second = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
}

function emitRepeat(
  program: Instruction[],
  { part, least, most, lazy }: RegexTree & { kind: 'repeat' },
): void {
  for (let at = 0; at < least; at++) emit(program, part);
  if (most === Infinity) {
    const start = program.length;
    const split = newSplit(program);
    emit(program, part);
    add(program, { op: 'jump', to: start });
    aim(split, start + 1, program.length, lazy);
    return;
  }
  const splits: { at: number; split: Split }[] = [];
  for (let at = least; at < most; at++) {
    splits.push({ at: program.length + 1, split: newSplit(program) });
    emit(program, part);
  }
  for (const { at, split } of splits) aim(split, at, program.length, lazy);
}

type Split = { op: 'split'; first: number; second: number };

function newSplit(program: Instruction[]): Split {
  const split: Split = { op: 'split', first: 0, second: 0 };
  add(program, split);
  return split;
}

function aim(split: Split, inside: number, after: number, lazy: boolean): void {
  split.first = lazy ? after : inside;
  split.second = lazy ? inside : after;
}

/** Whether the pattern is found anywhere in the text (N1 matches: not anchored by itself). */
export function search(regex: Regex, text: string, run: Run): boolean {
  return find(regex, text, 0, run) !== undefined;
}

/** Whether the whole text is of the pattern. */
export function matchesWhole({ program, slots }: Regex, text: string, run: Run): boolean {
  const search = openSearch(program, text, run, text.length);
  return walk(search, 0, new Array<number>(slots).fill(-1)) !== undefined;
}

/** The first match at or after a place, as the places of its groups. */
function find(regex: Regex, text: string, from: number, run: Run): number[] | undefined {
  const search = openSearch(regex.program, text, run, undefined);
  const anchored = regex.program[1]?.op === 'edge' && regex.text.startsWith('^');
  for (let at = from; at <= text.length; at++) {
    const found = walk(search, at, new Array<number>(regex.slots).fill(-1));
    if (found) return found;
    if (anchored && !regex.text.includes('|')) return undefined;
  }
  return undefined;
}

type Search = {
  program: readonly Instruction[];
  text: string;
  run: Run;
  /** Where the match must end; undefined: anywhere. */
  end: number | undefined;
  /** One bit for each instruction at each place: tried before, and in vain. */
  visited: Uint32Array;
};

function openSearch(
  program: readonly Instruction[],
  text: string,
  run: Run,
  end: number | undefined,
): Search {
  const states = program.length * (text.length + 1);
  if (states > maxStates) {
    const message = 'A regular expression: too long for the text it is to be found in.';
    throw new FhirPathRefused('too-costly', message);
  }
  spend(run, 1 + (states >> 10));
  return { program, text, run, end, visited: new Uint32Array((states >> 5) + 1) };
}

/** Tries the program at one place. Leftmost, and of several the one the pattern prefers. */
function walk(search: Search, from: number, slots: number[]): number[] | undefined {
  const { program, text, visited, run, end } = search;
  const width = text.length + 1;
  const stack: number[] = [0, from]; // pairs: instruction and place, or ~slot and its old value
  let taken = 0;
  while (stack.length > 0) {
    let at = stack.pop() ?? 0;
    let pc = stack.pop() ?? 0;
    if (pc < 0) {
      slots[~pc] = at;
      continue;
    }
    for (;;) {
      const state = pc * width + at;
      const bit = 1 << (state & 31);
      const word = visited[state >> 5] ?? 0;
      if (word & bit) break;
      visited[state >> 5] = word | bit;
      if (++taken % perStep === 0) spend(run, 1);
      const instruction = program[pc];
      if (!instruction) break;
      if (instruction.op === 'match') {
        if (end !== undefined && at !== end) break;
        return slots;
      }
      if (instruction.op === 'characters') {
        const point = text.codePointAt(at);
        if (point === undefined || !instruction.has(point)) break;
        at += point > 0xffff ? 2 : 1;
        pc++;
      } else if (instruction.op === 'split') {
        stack.push(instruction.second, at);
        pc = instruction.first;
      } else if (instruction.op === 'jump') pc = instruction.to;
      else if (instruction.op === 'save') {
        stack.push(~instruction.slot, slots[instruction.slot] ?? -1);
        slots[instruction.slot] = at;
        pc++;
      } else if (holds(search, instruction, at)) pc++;
      else break;
    }
  }
  return undefined;
}

function holds(
  search: Search,
  instruction: Instruction & { op: 'edge' | 'look' },
  at: number,
): boolean {
  const { text } = search;
  if (instruction.op === 'look') return look(search, instruction, at) === instruction.wanted;
  if (instruction.edge === 'start') return at === 0;
  if (instruction.edge === 'end') return at === text.length;
  const atEdge = isWord(text.charCodeAt(at - 1)) !== isWord(text.charCodeAt(at));
  return atEdge === (instruction.edge === 'word');
}

function look(
  { text, run }: Search,
  { program, behind }: Instruction & { op: 'look' },
  at: number,
): boolean {
  if (!behind) return walk(openSearch(program, text, run, undefined), at, []) !== undefined;
  const backward = openSearch(program, text, run, at);
  for (let from = at; from >= 0; from--) {
    if (walk(backward, from, [])) return true;
  }
  return false;
}

function isWord(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95
  );
}

/** Every match replaced; `$1` and `${name}` stand for a group's text, `$$` for a dollar. */
export function replaceMatches(regex: Regex, text: string, by: string, run: Run): string {
  if (regex.text === '') return text; // nothing to be found, so nothing to be replaced
  let out = '';
  let at = 0;
  let copied = 0;
  while (at <= text.length) {
    const slots = find(regex, text, at, run);
    if (!slots) break;
    const [start = 0, end = 0] = slots;
    out += text.slice(copied, start) + filled(regex, text, slots, by);
    spendText(run, out.length);
    copied = end;
    at = end > start ? end : end + 1;
  }
  return out + text.slice(copied);
}

function filled({ names }: Regex, text: string, slots: number[], by: string): string {
  return by.replace(/\$(?:(\$)|(\d)|\{([A-Za-z0-9_]{1,51})\})/g, (whole, dollar, digit, name) => {
    if (dollar) return '$';
    const number = digit ?? names.get(name) ?? (/^\d+$/.test(name) ? name : undefined);
    if (number === undefined) return whole;
    const from = slots[2 * Number(number)] ?? -1;
    return from < 0 ? '' : text.slice(from, slots[2 * Number(number) + 1]);
  });
}
