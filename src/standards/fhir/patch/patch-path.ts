import { compile } from '../fhirpath/compile.ts';
import type { FhirNode } from '../fhirpath/fhirpath.ts';
import type { Nodes } from '../fhirpath/node.ts';
import type { Op } from '../fhirpath/op.ts';
import { parseFhirPath } from '../fhirpath/parse.ts';
import { FhirPathRefused } from '../fhirpath/refused.ts';
import { beginRun } from '../fhirpath/run.ts';
import type { IssueType } from '../issue.ts';
import { PatchRefused } from './patch-refused.ts';

/** Steps all paths of one patch may take together: 0.1 s or so. */
const patchSteps = 1_000_000;

/** A clock is no part of where an element stands: now() always is this moment. */
const now = new Date(0);

/** Evaluates the paths of one patch, on one budget. */
export type PathReader = {
  /** The elements a path leads to. */
  find(root: FhirNode, path: string, operation: number): Nodes;
  /**
   * Where a list would be that is empty: the elements before the last name of the path, and that
   * name; undefined when the path does not end in a name.
   */
  before(
    root: FhirNode,
    path: string,
    operation: number,
  ): { parents: Nodes; name: string } | undefined;
};

export function openPaths(): PathReader {
  let left = patchSteps;
  const evaluate = (op: Op, root: FhirNode): Nodes => {
    const run = beginRun([root], { now, steps: left });
    const nodes = op.nodes(run);
    left = run.left;
    return nodes;
  };
  return {
    find: (root, path, operation) =>
      refusing(operation, () => evaluate(compile(parseFhirPath(path)), root)),
    before: (root, path, operation) =>
      refusing(operation, () => {
        const tree = parseFhirPath(path);
        if (tree.kind !== 'member') return undefined;
        const parents = tree.target ? evaluate(compile(tree.target), root) : [root];
        return { parents, name: tree.name };
      }),
  };
}

const codes: Readonly<Partial<Record<FhirPathRefused['code'], IssueType>>> = {
  'too-costly': 'too-costly',
  'not-supported': 'not-supported',
};

function refusing<Answer>(operation: number, work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FhirPathRefused)) throw error;
    const code = codes[error.code] ?? 'invalid';
    throw new PatchRefused(code, `its path cannot be read. ${error.message}`, operation);
  }
}
