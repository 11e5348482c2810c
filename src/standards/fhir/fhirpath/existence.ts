import { nodeKey } from './equal.ts';
import { each } from './lambda.ts';
import { type FhirNode, type Nodes, nothing } from './node.ts';
import type { FunctionRule, FunctionTable, Op, Step } from './op.ts';
import { FhirPathRefused } from './refused.ts';
import type { Run } from './run.ts';
import { booleanPath, integerPath, single, truthOf } from './singleton.ts';

/** A function that answers true or false, or empty. */
export function condition(truth: (run: Run, input: Nodes) => boolean | undefined): Step {
  return { truth, nodes: (run, input) => booleanPath(truth(run, input)) };
}

function ofCount(truth: (count: number) => boolean): Step {
  return { ...condition((_, input) => truth(input.length)), ofCount: { truth } };
}

const rule = (least: number, most: number, compile: FunctionRule['compile']): FunctionRule => ({
  least,
  most,
  compile,
});

const plain = (truth: (run: Run, input: Nodes) => boolean | undefined): FunctionRule =>
  rule(0, 0, () => condition(truth));

function oneIs(wanted: boolean): FunctionRule {
  return plain((_, input) => input.filter((node) => booleanOf(node) === wanted).length > 0);
}

function everyIs(wanted: boolean): FunctionRule {
  return plain((_, input) => input.filter((node) => booleanOf(node) !== wanted).length === 0);
}

/** N1: these take Booleans only. */
function booleanOf({ value, sibling }: FhirNode): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === undefined && sibling) return undefined;
  throw new FhirPathRefused('execution', 'Only Booleans can be all or any of true and false.');
}

function keysOf(run: Run, nodes: Nodes): Set<string> {
  return new Set(nodes.map((node) => nodeKey(run, node)));
}

function within(run: Run, some: Nodes, all: Nodes): boolean {
  if (some.length === 0) return true;
  const keys = keysOf(run, all);
  return some.every((node) => keys.has(nodeKey(run, node)));
}

function subset(turned: boolean): FunctionRule {
  return rule(1, 1, ([other]) =>
    condition((run, input) => {
      const others = other?.nodes(run) ?? nothing;
      return turned ? within(run, others, input) : within(run, input, others);
    }),
  );
}

function some(run: Run, input: Nodes, criteria: Op): boolean {
  let found = false;
  each(run, input, () => {
    found = conditionOf(criteria, run) === true;
    return !found;
  });
  return found;
}

/** The criteria of where, all and exists for the element at hand. */
export function conditionOf(criteria: Op, run: Run): boolean | undefined {
  return criteria.truth ? criteria.truth(run) : truthOf(criteria.nodes(run));
}

function every(run: Run, input: Nodes, criteria: Op): boolean {
  let all = true;
  each(run, input, () => {
    all = conditionOf(criteria, run) === true;
    return all;
  });
  return all;
}

/** N1 section Existence. */
export const existenceFunctions: FunctionTable = {
  empty: rule(0, 0, () => ofCount((count) => count === 0)),
  exists: rule(0, 1, ([criteria]) =>
    criteria
      ? condition((run, input) => some(run, input, criteria))
      : ofCount((count) => count > 0),
  ),
  all: rule(1, 1, ([criteria]) =>
    condition((run, input) => !criteria || every(run, input, criteria)),
  ),
  allTrue: everyIs(true),
  anyTrue: oneIs(true),
  allFalse: everyIs(false),
  anyFalse: oneIs(false),
  subsetOf: subset(false),
  supersetOf: subset(true),
  isDistinct: plain((run, input) => input.length < 2 || keysOf(run, input).size === input.length),
  count: rule(0, 0, () => ({
    nodes: (_, input) => integerPath(input.length),
    integer: (_, input) => input.length,
    ofCount: { integer: (count) => count },
  })),
  not: plain((_, input) => {
    const truth = truthOf(input);
    return truth === undefined ? undefined : !truth;
  }),
  hasValue: plain((_, input) => {
    const [node] = input;
    return input.length === 1 && node !== undefined && isValue(node.value);
  }),
  single: rule(0, 0, () => ({
    nodes(_, input) {
      single(input);
      return input;
    },
  })),
};

function isValue(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || JSON.isRawJSON(value));
}
