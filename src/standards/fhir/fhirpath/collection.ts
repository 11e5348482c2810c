import { nodeKey } from './equal.ts';
import { conditionOf } from './existence.ts';
import { each, within } from './lambda.ts';
import { type FhirNode, type Nodes, nothing } from './node.ts';
import type { FunctionRule, FunctionTable, Op, Step } from './op.ts';
import { type Run, spend } from './run.ts';
import { integerOf, single } from './singleton.ts';

const rule = (least: number, most: number, compile: FunctionRule['compile']): FunctionRule => ({
  least,
  most,
  compile,
});

const simple = (nodes: (input: Nodes) => Nodes): FunctionRule =>
  rule(0, 0, () => ({ nodes: (_, input) => nodes(input) }));

/** A function of the input and one more collection. */
function withOther(nodes: (run: Run, input: Nodes, other: Nodes) => Nodes): FunctionRule {
  return rule(1, 1, ([other]) => ({
    nodes: (run, input) => nodes(run, input, other?.nodes(run) ?? nothing),
  }));
}

/** Each element once (N1 section distinct). */
export function distinct(run: Run, nodes: Nodes): Nodes {
  if (nodes.length < 2) return nodes;
  const keys = new Set<string>();
  return nodes.filter((node) => {
    const key = nodeKey(run, node);
    return keys.size !== keys.add(key).size;
  });
}

export function union(run: Run, left: Nodes, right: Nodes): Nodes {
  return distinct(run, left.length === 0 ? right : [...left, ...right]);
}

function combine(run: Run, left: Nodes, right: Nodes): Nodes {
  spend(run, left.length + right.length);
  return [...left, ...right];
}

function keep(run: Run, input: Nodes, other: Nodes, wanted: boolean): Nodes {
  const keys = new Set(other.map((node) => nodeKey(run, node)));
  return input.filter((node) => keys.has(nodeKey(run, node)) === wanted);
}

function where(criteria: Op): Step {
  return {
    nodes(run, input) {
      const out: FhirNode[] = [];
      each(run, input, (at) => {
        const node = input[at];
        if (node && conditionOf(criteria, run) === true) out.push(node);
        return true;
      });
      return out;
    },
  };
}

function select(run: Run, input: Nodes, projection: Op): FhirNode[] {
  const out: FhirNode[] = [];
  each(run, input, () => {
    const nodes = projection.nodes(run);
    spend(run, nodes.length);
    for (const node of nodes) out.push(node);
    return true;
  });
  return out;
}

/** N1 section repeat: as long as there are new ones, by `=`. */
function repeat(run: Run, input: Nodes, projection: Op): Nodes {
  const keys = new Set<string>();
  const out: FhirNode[] = [];
  let level: Nodes = input;
  while (level.length > 0) {
    level = select(run, level, projection).filter((node) => {
      const key = nodeKey(run, node);
      if (keys.has(key)) return false;
      keys.add(key);
      return true;
    });
    for (const node of level) out.push(node);
  }
  return out;
}

function slice(run: Run, input: Nodes, from: Op | undefined, taken: boolean): Nodes {
  const count = from && integerOf(from.nodes(run));
  if (count === undefined) return nothing;
  const at = Math.max(0, count);
  return taken ? input.slice(0, at) : input.slice(at);
}

/** $total grows from the first argument's value for each element (N1 section Aggregates). */
function aggregate(run: Run, input: Nodes, step: Op, start: Op | undefined): Nodes {
  const before = run.total;
  run.total = start?.nodes(run) ?? nothing;
  each(run, input, () => {
    run.total = step.nodes(run);
    return true;
  });
  const result = run.total;
  run.total = before;
  return result;
}

/** N1 sections Filtering, Subsetting, Combining, Aggregates. */
export const collectionFunctions: FunctionTable = {
  where: rule(1, 1, ([criteria]) => (criteria ? where(criteria) : { nodes: () => nothing })),
  select: rule(1, 1, ([projection]) => ({
    nodes: (run, input) => (projection ? select(run, input, projection) : nothing),
  })),
  repeat: rule(1, 1, ([projection]) => ({
    nodes: (run, input) => (projection ? repeat(run, input, projection) : nothing),
  })),
  first: simple((input) => input.slice(0, 1)),
  last: simple((input) => input.slice(-1)),
  tail: simple((input) => input.slice(1)),
  skip: rule(1, 1, ([count]) => ({ nodes: (run, input) => slice(run, input, count, false) })),
  take: rule(1, 1, ([count]) => ({ nodes: (run, input) => slice(run, input, count, true) })),
  distinct: rule(0, 0, () => ({ nodes: distinct })),
  union: withOther(union),
  combine: withOther(combine),
  intersect: withOther((run, input, other) => distinct(run, keep(run, input, other, true))),
  exclude: withOther((run, input, other) => keep(run, input, other, false)),
  aggregate: rule(1, 2, ([step, start]) => ({
    nodes: (run, input) => (step ? aggregate(run, input, step, start) : nothing),
  })),
  iif: rule(2, 3, ([criterion, then, otherwise]) => ({
    nodes: (run, input) => {
      // Without anything before its dot the input is $this, which may be many.
      if (input !== run.self) single(input);
      return within(run, input, () => {
        const holds = criterion && conditionOf(criterion, run) === true;
        return (holds ? then : otherwise)?.nodes(run) ?? nothing;
      });
    },
  })),
};
