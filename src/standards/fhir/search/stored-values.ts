import { type FhirNode, type FhirPath, FhirPathRefused, nodeOf } from '../fhirpath/fhirpath.ts';
import { converterFor, type Elements } from './convert.ts';
import type { IndexValue } from './index-value.ts';
import { referenceKey } from './reference-text.ts';
import type { SearchKind } from './search-query.ts';

/** Hears why a parameter has no values of a resource; never a word of the resource. */
export type Failed = (code: string, why: 'too-many-values' | 'expression-failed') => void;

type Named = { readonly code: string; readonly kind: SearchKind; readonly path: FhirPath };
type Part = { readonly param: string; readonly kind: SearchKind; readonly path: FhirPath };
type Extract = (resource: { readonly resourceType: string }, own?: string) => IndexValue[];

/** Of one parameter in one resource. */
const maxValues = 1000;
/** Of one evaluation: about 5 ms. */
const maxSteps = 50_000;
/** Expressions have no clock (`parameterFrom` refuses the ones that ask for it). */
const noTime = new Date(0);

const parts: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['family', 'given', 'prefix', 'suffix', 'text'],
  Address: ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'],
};
const quantities = new Set([
  'Age',
  'Duration',
  'Distance',
  'Count',
  'MoneyQuantity',
  'SimpleQuantity',
]);
const computed: Readonly<Record<string, string>> = {
  'System.String': 'string',
  'System.Boolean': 'boolean',
  'System.Integer': 'integer',
  'System.Decimal': 'decimal',
};

/** How a stored parameter finds its values: those of every node its expression leads to. */
export function nodeValues({ code, kind, path }: Named, failed: Failed): Extract {
  return (resource, own) => {
    const out: IndexValue[] = [];
    for (const node of found(path, resource, code, failed)) {
      convert(node, { param: code, kind, ...(own && { own }) }, out);
    }
    if (out.length <= maxValues) return out;
    failed(code, 'too-many-values');
    return [];
  };
}

/** A composite: each combination of its parts' values in one element. */
export function partValues(
  { code, path }: Named,
  [first, second]: readonly Part[],
  failed: Failed,
): Extract {
  if (!first || !second) throw new Error('A composite has two parts.');
  return (resource, own) => {
    const out: IndexValue[] = [];
    for (const element of found(path, resource, code, failed)) {
      const [left, right] = [first, second].map((part) => {
        const values: IndexValue[] = [];
        for (const node of found(part.path, resource, code, failed, element)) {
          convert(node, { param: part.param, kind: part.kind, ...(own && { own }) }, values);
        }
        return values.filter((one) => !one.param.includes(':'));
      });
      for (const a of left ?? []) {
        for (const b of right ?? []) out.push({ kind: 'composite', param: code, parts: [a, b] });
        if (out.length > maxValues) {
          failed(code, 'too-many-values');
          return [];
        }
      }
    }
    return out;
  };
}

function found(
  path: FhirPath,
  resource: { readonly resourceType: string },
  code: string,
  failed: Failed,
  from?: FhirNode,
): FhirNode[] {
  const root = nodeOf(resource);
  const environment = { resource: root, rootResource: root, context: from ?? root, now: noTime };
  try {
    return path.evaluate(from ?? root, { ...environment, steps: maxSteps, resolve });
  } catch (error) {
    if (!(error instanceof FhirPathRefused)) throw error;
    failed(code, 'expression-failed');
    return [];
  }
}

/** `resolve() is Patient` asks for the type alone, which a reference tells by itself. */
function resolve(reference: string): FhirNode | undefined {
  const key = referenceKey(reference);
  const [, type = key?.type, id = key?.id] = /\/([A-Z][A-Za-z]+)\/([^/]+)$/.exec(reference) ?? [];
  return type ? nodeOf({ resourceType: type, id }) : undefined;
}

type Into = { param: string; kind: SearchKind; own?: string };

function convert(node: FhirNode, { param, kind, own }: Into, out: IndexValue[]): void {
  const type = computed[node.type] ?? (quantities.has(node.type) ? 'Quantity' : node.type);
  // A date of birth has no row in clear, whatever expression leads to it.
  if (kind === 'date' && node.key === 'birthDate') return;
  const limits = own === undefined ? {} : { own };
  const names = kind === 'string' ? parts[type] : undefined;
  if (names === undefined) {
    converterFor(kind, type)?.(node.value, param, out, limits);
    return;
  }
  for (const name of names) {
    const value = (node.value as Elements | null)?.[name];
    for (const one of Array.isArray(value) ? value : [value]) {
      converterFor(kind, 'part')?.(one, param, out, limits);
    }
  }
}
