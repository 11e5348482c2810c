/**
 * Follows the steps of a search expression through the StructureDefinitions to the JSON elements
 * that hold the values.
 */
import type { ExpressionStep } from './fhir-search-expression.ts';

type TypeEntry = { code: string; targetProfile?: string[] };
type ElementDefinition = {
  path: string;
  max: string;
  type?: TypeEntry[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
};
export type StructureDefinition = {
  resourceType: string;
  type: string;
  kind: string;
  abstract: boolean;
  derivation?: string;
  snapshot: { element: ElementDefinition[] };
};

/**
 * A place a value may stand: `path` in JSON names, `type` its datatype, `at` the element's path in
 * its definition.
 */
export type Leaf = {
  path: string[];
  type: string;
  at: string;
  targets: string[];
  valueSet?: string;
  /** where(resolve() is X) */
  only?: string;
  /** Inside a HumanName or an Address. */
  within?: string;
  repeats: boolean;
};

export type Definitions = ReadonlyMap<string, ReadonlyMap<string, ElementDefinition>>;

/** Element definitions by type and by path; profiles are left out. */
export function definitions(all: StructureDefinition[]): Definitions {
  const own = all.filter((one) => one.derivation !== 'constraint' && one.kind !== 'logical');
  return new Map(
    own.map((one) => [one.type, new Map(one.snapshot.element.map((e) => [e.path, e]))]),
  );
}

const tail = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const inline = new Set(['BackboneElement', 'Element']);

export function root(type: string): Leaf {
  return { path: [], type: 'BackboneElement', at: type, targets: [], repeats: false };
}

/**
 * Where the steps lead from `start`: several leaves for a choice; throws if an element does not
 * exist.
 */
export function follow(known: Definitions, start: Leaf, steps: ExpressionStep[]): Leaf[] {
  let leaves = [start];
  for (const step of steps) leaves = leaves.flatMap((leaf) => take(known, leaf, step));
  return leaves;
}

function take(known: Definitions, leaf: Leaf, step: ExpressionStep): Leaf[] {
  const last = leaf.path.at(-1) ?? '';
  const replaced = (text: string): Leaf[] => [{ ...leaf, path: leaf.path.with(-1, text) }];
  switch (step.step) {
    case 'element':
      return child(known, leaf, step.name);
    case 'as':
      return step.type.toLowerCase() === leaf.type.toLowerCase() ? [leaf] : [];
    case 'where':
      return replaced(`${last}[${step.element}=${step.equals}]`);
    case 'index':
      return replaced(`${last}[${step.at}]`);
    case 'has-extension':
      return replaced(`${last}[extension=${step.url}]`);
    case 'target':
      return [{ ...leaf, only: step.type }];
    case 'extension': {
      const extension = { ...leaf, path: [...leaf.path, `extension[url=${step.url}]`] };
      return child(known, { ...extension, type: 'Extension', at: 'Extension' }, 'value');
    }
  }
}

function child(known: Definitions, leaf: Leaf, name: string): Leaf[] {
  const parent = inline.has(leaf.type) ? leaf.at : leaf.type;
  const owner = known.get(parent.split('.')[0] ?? '');
  const plain = owner?.get(`${parent}.${name}`);
  const element = plain ?? owner?.get(`${parent}.${name}[x]`);
  if (!owner || !element) throw new Error(`${parent} has no element ${name}`);
  const within = leaf.type === 'HumanName' || leaf.type === 'Address' ? leaf.type : leaf.within;
  const more = {
    repeats: leaf.repeats || element.max !== '1',
    ...(element.binding?.strength === 'required' && { valueSet: element.binding.valueSet }),
    ...(within && { within }),
  };
  if (element.contentReference) {
    const at = element.contentReference.slice(1);
    return [{ path: [...leaf.path, name], type: 'BackboneElement', at, targets: [], ...more }];
  }
  return (element.type ?? []).map((type) => ({
    path: [...leaf.path, plain ? name : name + capital(type.code)],
    type: type.code.startsWith('http://hl7.org/fhirpath/') ? 'id' : type.code,
    at: element.path,
    targets: type.code === 'Reference' ? (type.targetProfile ?? []).map(tail) : [],
    ...more,
  }));
}
