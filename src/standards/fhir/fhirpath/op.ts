import type { Nodes } from './node.ts';
import type { Run } from './run.ts';

/**
 * A compiled expression. The further methods answer without building the collection, for those
 * that have a shorter way.
 */
export type Op = {
  nodes(run: Run): Nodes;
  /** As a condition: undefined is FHIRPath's empty. */
  truth?(run: Run): boolean | undefined;
  /** How many nodes. */
  count?(run: Run): number;
  /** The one integer it always is. */
  integer?(run: Run): number;
};

/** A compiled function or member: the same, of the collection before its dot. */
export type Step = {
  nodes(run: Run, input: Nodes): Nodes;
  truth?(run: Run, input: Nodes): boolean | undefined;
  count?(run: Run, input: Nodes): number;
  integer?(run: Run, input: Nodes): number;
  /** Given when the step needs of its input only how many there are. */
  ofCount?: { truth?(count: number): boolean; integer?(count: number): number };
};

/** A function: how many arguments, and what becomes of them. */
export type FunctionRule = {
  least: number;
  most: number;
  compile(args: readonly Op[]): Step;
};

export type FunctionTable = Readonly<Record<string, FunctionRule>>;
