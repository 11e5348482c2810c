import { type FhirNode, type Nodes, nothing } from './node.ts';
import { FhirPathRefused } from './refused.ts';

/** What an expression may ask of the world around the resource. */
export type FhirPathEnvironment = {
  /** %resource; by default the resource the input stands in. */
  resource?: FhirNode;
  /** %rootResource; by default the resource that contains %resource, or %resource. */
  rootResource?: FhirNode;
  /** %context; by default the input. */
  context?: FhirNode;
  variables?: Readonly<Record<string, FhirNode[]>>;
  /** now(), today(), timeOfDay(); in UTC. */
  now: Date;
  /** How many steps the evaluation may take; beyond, it is refused as too-costly. */
  steps?: number;
  /** Told after `test` how many steps it took, so that many evaluations can share a bound. */
  spent?(steps: number): void;
  /** The resource a reference points to; contained ones and a Bundle's own are found without. */
  resolve?(reference: string): FhirNode | undefined;
  /** Whether a code, Coding or CodeableConcept is in a value set; undefined: cannot be told. */
  memberOf?(node: FhirNode, valueSet: string): boolean | undefined;
  conformsTo?(node: FhirNode, profile: string): boolean | undefined;
  /** Whether the left code or Coding is the right one, or above it, in its code system. */
  subsumes?(above: FhirNode, below: FhirNode): boolean | undefined;
  trace?(name: string, nodes: FhirNode[]): void;
};

/** The state of one evaluation. */
export type Run = {
  environment: FhirPathEnvironment;
  input: Nodes;
  /** $this, $index, $total. */
  self: Nodes;
  index: number;
  total: Nodes;
  /** Steps left. */
  left: number;
};

/** A step is an element visited or some 16 characters read: a million take about 0.1 s. */
const defaultSteps = 1_000_000;

/** The longest string an expression may build: R4's own limit of a string, in characters. */
const longestString = 1_048_576;

export function beginRun(input: Nodes, environment: FhirPathEnvironment): Run {
  return {
    environment,
    input,
    self: input,
    index: 0,
    total: nothing,
    left: environment.steps ?? defaultSteps,
  };
}

/** @throws {FhirPathRefused} when the evaluation has used up its steps. */
export function spend(run: Run, steps: number): void {
  run.left -= steps;
  if (run.left < 0) {
    throw new FhirPathRefused('too-costly', 'The expression takes more steps than it may.');
  }
}

/** Pays for a string before it is built. */
export function spendText(run: Run, length: number): void {
  if (length > longestString) {
    const message = `The expression builds a string of more than ${longestString} characters.`;
    throw new FhirPathRefused('too-costly', message);
  }
  spend(run, length >> 4);
}
