import type { Nodes } from './node.ts';
import { type Run, spend } from './run.ts';

/**
 * Visits each element as $this, with $index, until the visit says false. An evaluation that throws
 * is over, so nothing needs to be put back then.
 */
export function each(run: Run, input: Nodes, visit: (at: number) => boolean | undefined): void {
  const { self, index } = run;
  for (let at = 0; at < input.length; at++) {
    const node = input[at];
    if (node === undefined) continue;
    spend(run, 1);
    run.self = [node];
    run.index = at;
    if (visit(at) === false) break;
  }
  run.self = self;
  run.index = index;
}

/** Evaluates with the whole collection as $this. */
export function within<Answer>(run: Run, input: Nodes, evaluate: () => Answer): Answer {
  const { self } = run;
  run.self = input;
  const answer = evaluate();
  run.self = self;
  return answer;
}
