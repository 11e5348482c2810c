import { condition } from './existence.ts';
import { type Nodes, nothing, systemNode } from './node.ts';
import type { FunctionRule, FunctionTable, Op } from './op.ts';
import { compileRegex, matchesWhole, type Regex, replaceMatches, search } from './regex.ts';
import { type Run, spend, spendText } from './run.ts';
import { integerOf, integerPath, stringPath, textOf } from './singleton.ts';

/** The text of an argument; undefined when it is empty. */
function argument(run: Run, op: Op | undefined): string | undefined {
  return op ? textOf(op.nodes(run)) : undefined;
}

function spendReading(run: Run, text: string): void {
  spend(run, text.length >> 4);
}

/** A function of a string without arguments. */
function ofText(compute: (text: string, run: Run) => Nodes): FunctionRule {
  return {
    least: 0,
    most: 0,
    compile: () => ({
      nodes: (run, input) => {
        const text = textOf(input);
        if (text === undefined) return nothing;
        spendReading(run, text);
        return compute(text, run);
      },
    }),
  };
}

/** A function of a string and another; empty when either is. */
function ofTexts(compute: (text: string, other: string, run: Run) => Nodes): FunctionRule {
  return {
    least: 1,
    most: 1,
    compile: ([op]) => ({
      nodes: (run, input) => {
        const text = textOf(input);
        const other = argument(run, op);
        if (text === undefined || other === undefined) return nothing;
        spendReading(run, text);
        return compute(text, other, run);
      },
    }),
  };
}

function test(holds: (text: string, other: string) => boolean): FunctionRule {
  return {
    least: 1,
    most: 1,
    compile: ([op]) =>
      condition((run, input) => {
        const text = textOf(input);
        const other = argument(run, op);
        if (text === undefined || other === undefined) return undefined;
        spendReading(run, text);
        return holds(text, other);
      }),
  };
}

/** A regular expression nearly always is the same literal: it is compiled when it changes. */
function regexOf(run: Run, op: Op | undefined, last: { regex?: Regex }): Regex | undefined {
  const text = argument(run, op);
  if (text === undefined) return undefined;
  if (last.regex?.text !== text) last.regex = compileRegex(text);
  return last.regex;
}

function matching(whole: boolean): FunctionRule {
  return {
    least: 1,
    most: 1,
    compile: ([op]) => {
      const last: { regex?: Regex } = {};
      return condition((run, input) => {
        const text = textOf(input);
        const regex = regexOf(run, op, last);
        if (text === undefined || !regex) return undefined;
        return whole ? matchesWhole(regex, text, run) : search(regex, text, run);
      });
    },
  };
}

function substring(run: Run, input: Nodes, from: Op | undefined, count: Op | undefined): Nodes {
  const text = textOf(input);
  const start = from && integerOf(from.nodes(run));
  if (text === undefined || start === undefined || start < 0 || start >= text.length) {
    return nothing;
  }
  const length = count && integerOf(count.nodes(run));
  return stringPath(length === undefined ? text.slice(start) : text.substr(start, length));
}

function replace(run: Run, input: Nodes, pattern: Op | undefined, by: Op | undefined): Nodes {
  const text = textOf(input);
  const old = argument(run, pattern);
  const put = argument(run, by);
  if (text === undefined || old === undefined || put === undefined) return nothing;
  const parts = old === '' ? text.length + 1 : text.split(old).length - 1;
  spendText(run, text.length + parts * put.length);
  if (old !== '') return stringPath(text.replaceAll(old, () => put));
  return stringPath(put + [...text].map((character) => character + put).join(''));
}

function join(run: Run, input: Nodes, separator: Op | undefined): Nodes {
  const between = argument(run, separator) ?? '';
  const texts = input.map((node) => textOf([node])).filter((text) => text !== undefined);
  const length = texts.reduce((sum, text) => sum + text.length + between.length, 0);
  spendText(run, length);
  return input.length === 0 ? nothing : stringPath(texts.join(between));
}

function parts(run: Run, texts: readonly string[]): Nodes {
  spend(run, texts.length);
  return texts.map((text) => systemNode('System.String', text));
}

/** N1 section String Manipulation, and the additions of later editions that profiles use. */
export const textFunctions: FunctionTable = {
  contains: test((text, other) => text.includes(other)),
  startsWith: test((text, other) => text.startsWith(other)),
  endsWith: test((text, other) => text.endsWith(other)),
  matches: matching(false),
  matchesFull: matching(true),
  indexOf: ofTexts((text, other) => integerPath(text.indexOf(other))),
  lastIndexOf: ofTexts((text, other) => integerPath(text.lastIndexOf(other))),
  length: ofText((text) => integerPath(text.length)),
  upper: ofText((text) => stringPath(text.toUpperCase())),
  lower: ofText((text) => stringPath(text.toLowerCase())),
  trim: ofText((text) => stringPath(text.trim())),
  toChars: ofText((text, run) => parts(run, [...text])),
  split: ofTexts((text, other, run) => parts(run, text.split(other))),
  substring: {
    least: 1,
    most: 2,
    compile: ([from, count]) => ({ nodes: (run, input) => substring(run, input, from, count) }),
  },
  replace: {
    least: 2,
    most: 2,
    compile: ([pattern, by]) => ({ nodes: (run, input) => replace(run, input, pattern, by) }),
  },
  replaceMatches: {
    least: 2,
    most: 2,
    compile: ([pattern, by]) => {
      const last: { regex?: Regex } = {};
      return {
        nodes: (run, input) => {
          const text = textOf(input);
          const regex = regexOf(run, pattern, last);
          const put = argument(run, by);
          if (text === undefined || !regex || put === undefined) return nothing;
          return stringPath(replaceMatches(regex, text, put, run));
        },
      };
    },
  },
  join: {
    least: 0,
    most: 1,
    compile: ([separator]) => ({ nodes: (run, input) => join(run, input, separator) }),
  },
};
