import { concatenate, divide, divideWhole, minus, multiply, negate, plus } from './arithmetic.ts';
import { collectionFunctions, union } from './collection.ts';
import { compareNodes } from './compare.ts';
import { conversionFunctions } from './conversion.ts';
import { equalNodes, equivalentNodes, nodeKey } from './equal.ts';
import { existenceFunctions } from './existence.ts';
import { fhirFunctions, resourceVariable } from './fhir.ts';
import { mathFunctions } from './math.ts';
import { headStep, kept, memberStep } from './navigate.ts';
import { type Nodes, nothing, systemNode } from './node.ts';
import type { FunctionTable, Op, Step } from './op.ts';
import { ucumSystem } from './quantity.ts';
import { FhirPathRefused, nameForMessage } from './refused.ts';
import { type Run, spend } from './run.ts';
import { booleanPath, integerOf, integerPath, single, stringPath, truthOf } from './singleton.ts';
import { textFunctions } from './text.ts';
import type { Tree } from './tree.ts';
import { typeTest } from './type-name.ts';

const functions: FunctionTable = {
  ...existenceFunctions,
  ...collectionFunctions,
  ...conversionFunctions,
  ...mathFunctions,
  ...textFunctions,
  ...fhirFunctions,
};

/** The closures of a parsed expression. */
export function compile(tree: Tree): Op {
  switch (tree.kind) {
    case 'empty':
      return { nodes: () => nothing, truth: () => undefined, count: () => 0 };
    case 'literal':
      return literal(tree.type, tree.value);
    case 'member':
      return tree.target
        ? applied(compile(tree.target), memberStep(tree.name))
        : applied(self, headStep(tree.name));
    case 'call':
      return call(tree);
    case 'special':
      return special(tree.name);
    case 'variable':
      return variable(tree.name, tree.at);
    case 'at-index':
      return atIndex(compile(tree.target), compile(tree.index));
    case 'sign': {
      const operand = compile(tree.operand);
      return { nodes: (run) => (tree.negative ? negate(operand.nodes(run)) : operand.nodes(run)) };
    }
    case 'binary':
      return binary(tree.operator, compile(tree.left), compile(tree.right));
    case 'type':
      return typed(compile(tree.operand), tree.operator, tree.type, tree.at);
  }
}

const self: Op = {
  nodes: (run) => run.self,
  count: (run) => run.self.length,
};

function literal(type: string, value: unknown): Op {
  const nodes: Nodes = Object.freeze([systemNode(type, value)]);
  return {
    nodes: () => nodes,
    ...(typeof value === 'boolean' && { truth: () => value }),
    ...(type === 'System.Integer' && { integer: () => Number(value) }),
  };
}

/** A step after what stands before its dot, with the shorter ways the step has. */
function applied(target: Op, step: Step): Op {
  const { truth, count, integer, ofCount } = step;
  const counted = target.count;
  const op: Op = { nodes: (run) => step.nodes(run, target.nodes(run)) };
  if (count) op.count = (run) => count(run, target.nodes(run));
  if (truth) op.truth = (run) => truth(run, target.nodes(run));
  if (integer) op.integer = (run) => integer(run, target.nodes(run));
  if (ofCount && counted) {
    const { truth: truthOfCount, integer: integerOfCount } = ofCount;
    if (truthOfCount) op.truth = (run) => truthOfCount(counted(run));
    if (integerOfCount) op.integer = (run) => integerOfCount(counted(run));
  }
  const shortTruth = op.truth;
  if (shortTruth) op.nodes = (run) => booleanPath(shortTruth(run));
  return op;
}

function call({ name, args, target, at }: Tree & { kind: 'call' }): Op {
  const input = target ? compile(target) : self;
  if (name === 'is' || name === 'as' || name === 'ofType') {
    const [type] = args;
    if (!type || args.length !== 1) throw wrongCount(name, '1', at);
    return typed(input, name, specifierOf(type), type.at);
  }
  const rule = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!rule)
    throw new FhirPathRefused('unknown-function', `no function${nameForMessage(name)}.`, at);
  if (args.length < rule.least || args.length > rule.most) {
    const wanted = rule.least === rule.most ? `${rule.least}` : `${rule.least} to ${rule.most}`;
    throw wrongCount(name, wanted, at);
  }
  return applied(input, rule.compile(args.map(compile)));
}

function wrongCount(name: string, wanted: string, at: number): FhirPathRefused {
  return new FhirPathRefused('syntax', `${name} takes ${wanted} arguments.`, at);
}

/** The argument of ofType reads as a path: Patient, FHIR.Patient. */
function specifierOf(tree: Tree): string {
  if (tree.kind === 'member') {
    const before = tree.target ? `${specifierOf(tree.target)}.` : '';
    return before + tree.name;
  }
  throw new FhirPathRefused('syntax', 'expected the name of a type.', tree.at);
}

function typed(operand: Op, operator: string, specifier: string, at: number): Op {
  const test = typeTest(specifier, at);
  if (operator === 'is') {
    const truth = (run: Run) => {
      const node = single(operand.nodes(run));
      return node && test(node.type);
    };
    return { truth, nodes: (run) => booleanPath(truth(run)) };
  }
  // N1 lets `as` take one element; R4's own search parameters and invariants give it many.
  return { nodes: (run) => kept(operand.nodes(run), test) };
}

function special(name: string): Op {
  if (name === '$this') return self;
  if (name === '$total') return { nodes: (run) => run.total };
  return { nodes: (run) => integerPath(run.index), integer: (run) => run.index };
}

const constants: Readonly<Record<string, string>> = {
  ucum: ucumSystem,
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

/** R4 fhirpath.html#variables. */
function variable(name: string, at: number): Op {
  const constant = Object.hasOwn(constants, name) ? constants[name] : canonicalOf(name);
  if (constant !== undefined) {
    const nodes = stringPath(constant);
    return { nodes: () => nodes };
  }
  if (name === 'resource') return { nodes: (run) => resourceVariable(run, false) };
  if (name === 'rootResource') return { nodes: (run) => resourceVariable(run, true) };
  if (name === 'context') {
    return {
      nodes: ({ environment, input }) => (environment.context ? [environment.context] : input),
    };
  }
  return {
    nodes: ({ environment: { variables } }) => {
      if (variables && Object.hasOwn(variables, name)) return variables[name] ?? nothing;
      throw new FhirPathRefused('unknown-variable', `no variable${nameForMessage(name)}.`, at);
    },
  };
}

/** %`vs-administrative-gender`, %`ext-patient-birthTime`. */
function canonicalOf(name: string): string | undefined {
  if (name.startsWith('vs-')) return `http://hl7.org/fhir/ValueSet/${name.slice(3)}`;
  if (name.startsWith('ext-')) return `http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`;
  return undefined;
}

function atIndex(target: Op, index: Op): Op {
  return {
    nodes: (run) => {
      const at = integerOf(index.nodes(run));
      const node = at === undefined || at < 0 ? undefined : target.nodes(run)[at];
      return node ? [node] : nothing;
    },
  };
}

function conditionOf(op: Op): (run: Run) => boolean | undefined {
  return op.truth ?? ((run) => truthOf(op.nodes(run)));
}

function ofTruth(truth: (run: Run) => boolean | undefined): Op {
  return { truth, nodes: (run) => booleanPath(truth(run)) };
}

type Binary = (left: Op, right: Op) => Op;

/** An operator that computes with both collections. */
const computed =
  (compute: (run: Run, left: Nodes, right: Nodes) => Nodes): Binary =>
  (left, right) => ({
    nodes: (run) => {
      spend(run, 1);
      return compute(run, left.nodes(run), right.nodes(run));
    },
  });

const ordered =
  (holds: (order: number) => boolean): Binary =>
  (left, right) => {
    const one = left.integer;
    const other = right.integer;
    if (one && other) return ofTruth((run) => holds(one(run) - other(run)));
    return ofTruth((run) => {
      spend(run, 1);
      const order = compareNodes(left.nodes(run), right.nodes(run));
      return order === undefined ? undefined : holds(order);
    });
  };

const equality =
  (wanted: boolean): Binary =>
  (left, right) => {
    const one = left.integer;
    const other = right.integer;
    if (one && other) return ofTruth((run) => (one(run) === other(run)) === wanted);
    if (left.truth && right.truth) return equalTruth(left.truth, right.truth, wanted);
    return ofTruth((run) => {
      const equal = equalNodes(run, left.nodes(run), right.nodes(run));
      return equal === undefined ? undefined : equal === wanted;
    });
  };

function equalTruth(
  left: (run: Run) => boolean | undefined,
  right: (run: Run) => boolean | undefined,
  wanted: boolean,
): Op {
  return ofTruth((run) => {
    const one = left(run);
    const other = right(run);
    return one === undefined || other === undefined ? undefined : (one === other) === wanted;
  });
}

const equivalence =
  (wanted: boolean): Binary =>
  (left, right) =>
    ofTruth((run) => equivalentNodes(run, left.nodes(run), right.nodes(run)) === wanted);

/** N1 sections in and contains: one element in a collection. */
function membership(run: Run, element: Nodes, collection: Nodes): boolean | undefined {
  const node = single(element);
  if (!node) return undefined;
  const key = nodeKey(run, node);
  return collection.some((other) => nodeKey(run, other) === key);
}

/** N1 section Boolean logic: three values, undefined being empty. */
const logic =
  (decide: (left: boolean | undefined, right: () => boolean | undefined) => boolean | undefined) =>
  (left: Op, right: Op): Op => {
    const one = conditionOf(left);
    const other = conditionOf(right);
    return ofTruth((run) => decide(one(run), () => other(run)));
  };

const operators: Readonly<Record<string, Binary>> = {
  and: logic((left, right) => {
    if (left === false) return false;
    const other = right();
    return other === false ? false : left && other;
  }),
  or: logic((left, right) => {
    if (left === true) return true;
    const other = right();
    return other === true ? true : left === undefined ? undefined : other;
  }),
  xor: logic((left, right) => {
    const other = right();
    return left === undefined || other === undefined ? undefined : left !== other;
  }),
  implies: logic((left, right) => {
    if (left === false) return true;
    const other = right();
    return other === true ? true : left === undefined ? undefined : other;
  }),
  '=': equality(true),
  '!=': equality(false),
  '~': equivalence(true),
  '!~': equivalence(false),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  '|': computed(union),
  in: (left, right) => ofTruth((run) => membership(run, left.nodes(run), right.nodes(run))),
  contains: (left, right) => ofTruth((run) => membership(run, right.nodes(run), left.nodes(run))),
  '+': computed(plus),
  '-': computed((_, left, right) => minus(left, right)),
  '&': computed(concatenate),
  '*': computed((_, left, right) => multiply(left, right)),
  '/': computed((_, left, right) => divide(left, right)),
  div: computed((_, left, right) => divideWhole(left, right, 'div')),
  mod: computed((_, left, right) => divideWhole(left, right, 'mod')),
};

function binary(operator: string, left: Op, right: Op): Op {
  const build = operators[operator];
  if (!build) throw new Error(`no operator ${operator}`); // the parser knows no other
  return build(left, right);
}
