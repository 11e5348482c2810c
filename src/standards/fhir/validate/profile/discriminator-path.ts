import { type FhirNode, nodeOf } from '../../fhirpath/fhirpath.ts';
import { isJsonObject } from '../../json-object.ts';
import { resolved } from '../resolve.ts';
import type { Walk } from '../walk.ts';
import { childNodes } from './child-node.ts';

/** A step of a discriminator's path (R4 profiling.html#discriminator: a simple FHIRPath). */
export type PathStep =
  | { kind: 'child'; name: string }
  | { kind: 'extension'; url: string }
  | { kind: 'resolve' }
  | { kind: 'ofType'; type: string };

const step =
  /\.?(?:(\$this)|extension\(\s*['"]([^'"]+)['"]\s*\)|(resolve)\(\)|(?:ofType|as)\(\s*([\w.]+)\s*\)|([A-Za-z]\w*)(?:\[x\])?)/y;

/** undefined: not of the subset that discriminators may use. */
export function discriminatorSteps(path: string): PathStep[] | undefined {
  const steps: PathStep[] = [];
  step.lastIndex = 0;
  for (let at = 0; at < path.length; at = step.lastIndex) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, self, url, resolve, type, name] = match;
    if (url !== undefined) steps.push({ kind: 'extension', url });
    else if (resolve !== undefined) steps.push({ kind: 'resolve' });
    else if (type !== undefined) steps.push({ kind: 'ofType', type });
    else if (name !== undefined && self === undefined) steps.push({ kind: 'child', name });
  }
  return steps;
}

export function nodesAt(walk: Walk, node: FhirNode, steps: readonly PathStep[]): FhirNode[] {
  let nodes = [node];
  for (const one of steps) {
    if (one.kind === 'child') nodes = nodes.flatMap((parent) => childNodes(parent, one.name));
    else if (one.kind === 'extension') {
      nodes = nodes
        .flatMap((parent) => childNodes(parent, 'extension'))
        .filter(({ value }) => isJsonObject(value) && value['url'] === one.url);
    } else if (one.kind === 'resolve') nodes = nodes.flatMap((from) => resolvedNode(walk, from));
    else nodes = nodes.filter(({ type }) => type === one.type);
  }
  return nodes;
}

export function resolvedNode(walk: Walk, { value }: FhirNode): FhirNode[] {
  const reference = isJsonObject(value) ? value['reference'] : value;
  const found = typeof reference === 'string' ? resolved(walk, reference) : undefined;
  return found === undefined ? [] : [nodeOf(found)];
}
