import { decimalFrom } from '../decimal.ts';
import { FhirPathRefused } from './refused.ts';
import { readTemporal, type TemporalKind } from './temporal.ts';
import { type Token, type TokenKind, tokensOf } from './token.ts';
import type { Tree } from './tree.ts';

/** How tightly a binary operator binds (N1, operator precedence); all are left-associative. */
const precedence: Readonly<Record<string, number>> = {
  implies: 1,
  or: 2,
  xor: 2,
  and: 3,
  in: 4,
  contains: 4,
  '=': 5,
  '~': 5,
  '!=': 5,
  '!~': 5,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '|': 7,
  is: 8,
  as: 8,
  '+': 9,
  '-': 9,
  '&': 9,
  '*': 10,
  '/': 10,
  div: 10,
  mod: 10,
};

/**
 * Keywords that begin no path. After a dot no operator can stand, so there R4's own text.div is
 * read although the grammar asks for text.`div`.
 */
const wordOperators = new Set(['div', 'mod', 'and', 'or', 'xor', 'implies', 'true', 'false']);

const calendarUnits = new Map(
  ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'].flatMap((unit) => [
    [unit, unit],
    [`${unit}s`, unit],
  ]),
);

/**
 * Levels of an expression: parentheses, arguments, and links of a chain. The deepest expression of
 * R4 has 110 (a union over all resource types); each level costs a few frames of the stack.
 */
const maxDepth = 400;
const maxNesting = 100;

/**
 * The tree of an expression (FHIRPath N1 grammar).
 *
 * @throws {FhirPathRefused} for what is no expression, and for one nested too deep.
 */
export function parseFhirPath(text: string): Tree {
  const state: State = { tokens: tokensOf(text), next: 0, nesting: 0, depths: new WeakMap() };
  const tree = expression(state, 0);
  if (peek(state).kind !== 'end') throw unexpected(state, 'an operator or the end');
  return tree;
}

type State = { tokens: Token[]; next: number; nesting: number; depths: WeakMap<Tree, number> };

const endToken: Token = { kind: 'end', text: '', at: 0 };

function peek(state: State): Token {
  return state.tokens[state.next] ?? endToken;
}

function take(state: State): Token {
  const token = peek(state);
  state.next++;
  return token;
}

function unexpected(state: State, expected: string): FhirPathRefused {
  const { kind, at } = peek(state);
  const found = kind === 'end' ? 'the expression ends' : 'found something else';
  return new FhirPathRefused('syntax', `expected ${expected}, but ${found}.`, at);
}

function isSymbol(state: State, text: string): boolean {
  const token = peek(state);
  return token.kind === 'symbol' && token.text === text;
}

function expectSymbol(state: State, text: string): void {
  if (!isSymbol(state, text)) throw unexpected(state, `'${text}'`);
  take(state);
}

/** Notes how deep the new tree is, and refuses one that would exhaust the stack. */
function grown(state: State, tree: Tree, ...parts: readonly (Tree | undefined)[]): Tree {
  const depth = 1 + Math.max(0, ...parts.map((part) => (part && state.depths.get(part)) ?? 0));
  if (depth > maxDepth) {
    throw new FhirPathRefused('too-costly', `more than ${maxDepth} levels deep.`, tree.at);
  }
  state.depths.set(tree, depth);
  return tree;
}

function expression(state: State, floor: number): Tree {
  if (++state.nesting > maxNesting) {
    const message = `more than ${maxNesting} levels of nesting.`;
    throw new FhirPathRefused('too-costly', message, peek(state).at);
  }
  let left = signed(state);
  for (;;) {
    const token = peek(state);
    if (token.kind !== 'name' && token.kind !== 'symbol') break;
    const binds = Object.hasOwn(precedence, token.text) ? precedence[token.text] : undefined;
    if (binds === undefined || binds <= floor) break;
    take(state);
    left = operation(state, left, token, binds);
  }
  state.nesting--;
  return left;
}

function operation(state: State, left: Tree, { text, at }: Token, binds: number): Tree {
  if (text === 'is' || text === 'as') {
    const type = typeSpecifier(state);
    return grown(state, { kind: 'type', operator: text, operand: left, type, at }, left);
  }
  const right = expression(state, binds);
  return grown(state, { kind: 'binary', operator: text, left, right, at }, left, right);
}

function typeSpecifier(state: State): string {
  const parts = [identifier(state, 'a type')];
  while (isSymbol(state, '.')) {
    take(state);
    parts.push(identifier(state, 'a type'));
  }
  return parts.join('.');
}

function identifier(state: State, expected: string): string {
  const { kind, text } = peek(state);
  if (kind === 'quoted' || (kind === 'name' && !wordOperators.has(text))) return take(state).text;
  throw unexpected(state, expected);
}

function signed(state: State): Tree {
  const { at } = peek(state);
  const negative = isSymbol(state, '-');
  if (!negative && !isSymbol(state, '+')) return chain(state);
  take(state);
  if (++state.nesting > maxNesting) throw new FhirPathRefused('too-costly', 'too many signs.', at);
  const operand = signed(state);
  state.nesting--;
  return grown(state, { kind: 'sign', negative, operand, at }, operand);
}

function chain(state: State): Tree {
  let tree = term(state);
  for (;;) {
    const { at } = peek(state);
    if (isSymbol(state, '.')) {
      take(state);
      tree = invocation(state, tree);
    } else if (isSymbol(state, '[')) {
      take(state);
      const index = expression(state, 0);
      expectSymbol(state, ']');
      tree = grown(state, { kind: 'at-index', target: tree, index, at }, tree, index);
    } else return tree;
  }
}

function invocation(state: State, target?: Tree): Tree {
  const { at, kind } = peek(state);
  if (target && kind === 'special') {
    const name = take(state).text;
    if (name === '$this') return target;
    throw new FhirPathRefused('syntax', `${name} does not stand after a dot.`, at);
  }
  const name =
    target && kind === 'name'
      ? take(state).text
      : identifier(state, 'the name of an element or function');
  if (!isSymbol(state, '(')) return grown(state, { kind: 'member', name, target, at }, target);
  take(state);
  const args: Tree[] = [];
  while (!isSymbol(state, ')')) {
    if (args.length > 0) expectSymbol(state, ',');
    args.push(expression(state, 0));
  }
  take(state);
  return grown(state, { kind: 'call', name, args, target, at }, target, ...args);
}

type Reader = (state: State) => Tree;

const terms: Readonly<Partial<Record<TokenKind, Reader>>> = {
  name: (state) => {
    const { text, at } = peek(state);
    if (text !== 'true' && text !== 'false') return invocation(state);
    take(state);
    return { kind: 'literal', type: 'System.Boolean', value: text === 'true', at };
  },
  quoted: (state) => invocation(state),
  string: (state) => {
    const { text, at } = take(state);
    return { kind: 'literal', type: 'System.String', value: text, at };
  },
  number,
  date: (state) => temporal(state, 'date', 'System.Date'),
  dateTime: (state) => temporal(state, 'dateTime', 'System.DateTime'),
  time: (state) => temporal(state, 'time', 'System.Time'),
  variable: (state) => {
    const { text, at } = take(state);
    return { kind: 'variable', name: text, at };
  },
  special: (state) => {
    const { text, at } = take(state);
    return { kind: 'special', name: text, at };
  },
};

function term(state: State): Tree {
  const { kind, at } = peek(state);
  const read = terms[kind];
  if (read) return read(state);
  if (isSymbol(state, '(')) {
    take(state);
    const tree = expression(state, 0);
    expectSymbol(state, ')');
    return tree;
  }
  if (isSymbol(state, '{')) {
    take(state);
    expectSymbol(state, '}');
    return { kind: 'empty', at };
  }
  throw unexpected(state, 'an expression');
}

function temporal(state: State, kind: TemporalKind, type: string): Tree {
  const { text, at } = take(state);
  const value = text.endsWith('T') ? text.slice(0, -1) : text;
  if (!readTemporal(value, kind)) {
    throw new FhirPathRefused('syntax', 'no such date or time in the calendar.', at);
  }
  return { kind: 'literal', type, value, at };
}

/** A number, or a quantity: 4.5 'mg', 4 days. */
function number(state: State): Tree {
  const { text, at } = take(state);
  const unit = peek(state);
  const value = decimalFrom(text.replace(/^0+(?=[0-9])/, ''));
  const calendar = unit.kind === 'name' ? calendarUnits.get(unit.text) : undefined;
  if (unit.kind === 'string' || calendar !== undefined) {
    take(state);
    const quantity = { value, unit: calendar ?? unit.text, calendar: calendar !== undefined };
    return { kind: 'literal', type: 'System.Quantity', value: quantity, at };
  }
  if (text.includes('.')) return { kind: 'literal', type: 'System.Decimal', value, at };
  if (Number(text) > 2_147_483_647) {
    throw new FhirPathRefused('syntax', 'an integer is at most 2147483647.', at);
  }
  return { kind: 'literal', type: 'System.Integer', value: Number(text), at };
}
