import { readFileSync } from 'node:fs';

/**
 * What a type is: `backbone` is an element with children of its own, such as Observation.component.
 */
export type TypeKind = 'resource' | 'abstract' | 'complex' | 'backbone' | 'primitive';

/**
 * One type an element may have, with the JSON property that carries it (valueQuantity for
 * value[x]).
 */
export type ElementType = {
  code: string;
  json: string;
  kind: TypeKind;
  /** Resource types a Reference may point to; undefined: any. */
  targets?: ReadonlySet<string>;
  /** Name and codes of the required value set, where the definitions list its codes. */
  valueSet?: string;
  codes?: ReadonlySet<string>;
};

/** `name` is the FHIRPath name: value for value[x]. */
export type ElementSchema = {
  name: string;
  required: boolean;
  repeats: boolean;
  choice: boolean;
  types: readonly ElementType[];
};

/** All elements in the order of the standard, inherited ones first. */
export type TypeSchema = { name: string; kind: TypeKind; elements: readonly ElementSchema[] };

type TypeLines = { kind: TypeKind; base?: string; elements: string[] };
type StructureFile = { valueSets: Record<string, string[]>; types: Record<string, TypeLines> };

// 310 KB, parsed in 2 ms; each type's lines are read when the type is first met.
const file: StructureFile = JSON.parse(
  readFileSync(new URL('../../generated/fhir-r4/structure.json', import.meta.url), 'utf8'),
);
const lines = new Map(Object.entries(file.types));
const schemas = new Map<string, TypeSchema>();
const codeSets = new Map<string, ReadonlySet<string>>();

/**
 * The 146 R4 resource types that can be instantiated (resourcelist.html); Resource and
 * DomainResource are not.
 */
export const resourceTypes: ReadonlySet<string> = new Set(
  [...lines].filter(([, type]) => type.kind === 'resource').map(([name]) => name),
);

function codesOf(valueSet: string): ReadonlySet<string> {
  let codes = codeSets.get(valueSet);
  if (!codes) {
    codes = new Set(file.valueSets[valueSet]);
    codeSets.set(valueSet, codes);
  }
  return codes;
}

/** `Reference(Patient,Group)`, `code{observation-status}`, or a type's name alone. */
const typePattern = /^([^({]+)(?:\(([^)]*)\))?(?:\{([^}]*)\})?$/;

function elementType(text: string, element: string, choice: boolean): ElementType {
  const [, code = '', targets, valueSet] = typePattern.exec(text) ?? [];
  const kind = lines.get(code)?.kind;
  if (!kind) throw new Error(`structure.json: ${element} has the unknown type ${text}`);
  return {
    code,
    json: choice ? element + code[0]?.toUpperCase() + code.slice(1) : element,
    kind,
    ...(targets && { targets: new Set(targets.split(',')) }),
    ...(valueSet && { valueSet, codes: codesOf(valueSet) }),
  };
}

function elementSchema(line: string): ElementSchema {
  const [path = '', cardinality = '', ...types] = line.split(' ');
  const choice = path.endsWith('[x]');
  const name = choice ? path.slice(0, -3) : path;
  return {
    name,
    required: !cardinality.startsWith('0'),
    repeats: !cardinality.endsWith('..1'),
    choice,
    types: types.map((text) => elementType(text, name, choice)),
  };
}

/**
 * The elements of a resource type (Patient), data type (HumanName) or backbone element
 * (Observation.component) as R4's StructureDefinitions give them; undefined for a name that R4 does
 * not define.
 */
export function typeSchema(name: string): TypeSchema | undefined {
  const known = schemas.get(name);
  const own = lines.get(name);
  if (known || !own) return known;
  const inherited = own.base ? (typeSchema(own.base)?.elements ?? []) : [];
  const elements = [...inherited, ...own.elements.map(elementSchema)];
  const schema = { name, kind: own.kind, elements };
  schemas.set(name, schema);
  return schema;
}

/** Specializations of Quantity in R4's datatypes.html#quantity; structure.json gives them flat. */
const quantities = new Set(['Age', 'Count', 'Distance', 'Duration']);

/**
 * The type a type specializes: DomainResource of Patient, string of code; undefined at the top, and
 * for a name that R4 does not define.
 */
export function baseType(name: string): string | undefined {
  return quantities.has(name) ? 'Quantity' : lines.get(name)?.base;
}
