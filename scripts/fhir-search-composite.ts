/**
 * Composite parameters: over the resource itself they need no rows, over a repeating element they
 * do.
 */
import { type Compiled, place } from './fhir-search-cover.ts';
import { type ExpressionStep, parseExpression } from './fhir-search-expression.ts';
import { type Definitions, follow, type Leaf, root } from './fhir-search-path.ts';
import { datatypes, planOf } from './fhir-search-plan.ts';

export type Component = { code: string; kind: string; expression: string };
type Composite = {
  type: string;
  /** The union terms of its expression, without the type. */
  terms: ExpressionStep[][];
  components: Component[];
  /** The type's parameters that are not composite. */
  simple: Compiled[];
};
type Output = {
  kind: 'composite';
  root?: string[];
  covers?: string[];
  path?: string;
  parts?: Part[];
};
type Part = { param: string; kind: string; plans: string[][] };

/** Throws with the reason where a composite can not be answered. */
export function compileComposite(known: Definitions, composite: Composite): Output {
  const output: Output = { kind: 'composite' };
  for (const term of composite.terms) {
    for (const element of follow(known, root(composite.type), term)) {
      const leaves = composite.components.map((part) => componentLeaves(known, element, part));
      if (!element.repeats) {
        output.root = leaves.map((own, at) => smallest(own, composite.components[at], composite));
        continue;
      }
      if (leaves.length !== 2) throw new Error('three parts of one repeating element');
      output.path = element.path.join(' ');
      output.parts = leaves.map((own, at) => ({
        param: composite.components[at]?.code ?? '',
        kind: composite.components[at]?.kind ?? '',
        plans: own.map((leaf) => {
          const path = leaf.path.slice(element.path.length);
          return planOf({ ...leaf, path });
        }),
      }));
    }
  }
  return output;
}

function componentLeaves(known: Definitions, element: Leaf, part: Component): Leaf[] {
  if (part.expression.startsWith('%')) throw new Error('a part outside of the repeating element');
  const accepted = datatypes(part.kind);
  return parseExpression(part.expression)
    .flatMap((steps) => follow(known, element, steps))
    .filter((leaf) => accepted.has(leaf.type));
}

/** The parameter with the fewest other values that has the component's. */
function smallest(leaves: Leaf[], part: Component | undefined, { simple }: Composite): string {
  const wanted = leaves.map(place);
  const holding = simple
    .filter((one) => one.kind === part?.kind)
    .filter((one) => wanted.every((leaf) => one.leaves.some((own) => place(own) === leaf)))
    .sort((a, b) => a.leaves.length - b.leaves.length);
  const [found] = holding;
  if (!found) throw new Error(`no parameter has the values of ${part?.code}`);
  return found.code;
}

/** combo-code-value-quantity looks under component-code-value-quantity, which has the same rows. */
export function shareRows(output: Record<string, object>): void {
  const rows = new Map<string, string>();
  for (const code of Object.keys(output).sort()) {
    const one: Output | object = output[code] ?? {};
    if (!('path' in one) || !('parts' in one) || 'root' in one) continue;
    rows.set(rowsKey(one as Output), code);
  }
  for (const [code, one] of Object.entries(output)) {
    if (!('path' in one)) continue;
    const covers = rows.get(rowsKey(one as Output));
    if (covers === undefined || covers === code) continue;
    const { root } = one as Output;
    output[code] = { kind: 'composite', ...(root && { root }), covers: [covers] };
  }
}

const rowsKey = ({ path, parts = [] }: Output): string =>
  JSON.stringify([path, ...parts.map((part) => part.plans)]);
