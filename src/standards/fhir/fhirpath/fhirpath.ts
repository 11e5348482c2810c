import { compile } from './compile.ts';
import type { FhirNode } from './node.ts';
import { parseFhirPath } from './parse.ts';
import { beginRun, type FhirPathEnvironment } from './run.ts';
import { truthOf } from './singleton.ts';

export { type FhirNode, nodeOf } from './node.ts';
export { type FhirPathRefusal, FhirPathRefused } from './refused.ts';
export type { FhirPathEnvironment } from './run.ts';

/** An expression ready to be evaluated, as often as needed. */
export type FhirPath = {
  readonly text: string;
  /**
   * The nodes it finds, or the values it computes.
   *
   * @throws {FhirPathRefused} `execution` where N1 calls it an error, such as several elements
   * where one is needed; `too-costly` when the environment's steps are used up.
   */
  evaluate(input: FhirNode | readonly FhirNode[], environment: FhirPathEnvironment): FhirNode[];
  /**
   * The answer as a condition (N1 section Singleton Evaluation), without building collections where
   * that can be avoided; undefined is empty. Throws as `evaluate` does.
   */
  test(input: FhirNode, environment: FhirPathEnvironment): boolean | undefined;
};

/**
 * Reads a FHIRPath expression (hl7.org/fhirpath/N1 with the functions and variables of R4
 * fhirpath.html) and compiles it to closures. Evaluation is synchronous and bounded by steps; it
 * has no clock but the environment's.
 *
 * @throws {FhirPathRefused} for a text that is no expression, or names a function or type that does
 * not exist; `offset` says where.
 */
export function compileFhirPath(expression: string): FhirPath {
  const op = compile(parseFhirPath(expression));
  const { truth } = op;
  return {
    text: expression,
    evaluate(input, environment) {
      const nodes = 'value' in input ? [input] : input;
      return [...op.nodes(beginRun(nodes, environment))];
    },
    test(input, environment) {
      const run = beginRun([input], environment);
      const { left } = run;
      try {
        return truth ? truth(run) : truthOf(op.nodes(run));
      } finally {
        environment.spent?.(left - run.left);
      }
    },
  };
}
