import { readFileSync } from 'node:fs';
import type { DefinitionSource } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import type { ElementDefinition, StructureDefinition } from '../snapshot/element-definition.ts';

const structureUrl = 'http://hl7.org/fhir/StructureDefinition/';
const valueSetUrl = 'http://hl7.org/fhir/ValueSet/';
const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

type TypeEntry = string | [code: string, profile: string[] | 0, targetProfile?: string[]];
type ElementLine = [
  id: string,
  cardinality: string,
  types: TypeEntry | TypeEntry[],
  constraints: number,
  extra?: JsonObject & { b?: string[]; f?: string; base?: string; of?: string; slicing?: number },
];
type Head = { type: string; title?: string };

/** The file's tables and where each definition's line stands; read when first asked for. */
type Catalogue = {
  text: string;
  start: ReadonlyMap<string, number>;
  constraints: JsonObject[];
  constraintSets: number[][];
  slicings: JsonObject[];
};
let opened: Catalogue | undefined;

// 1.1 MB read and indexed in 2 ms; a definition's own line is parsed when somebody asks for it.
function catalogue(): Catalogue {
  if (opened) return opened;
  const file = new URL('../../../generated/fhir-r4/validation.txt', import.meta.url);
  const text = readFileSync(file, 'latin1');
  const tables: string[] = [];
  const start = new Map<string, number>();
  for (let at = 0, line = 0; at < text.length; line++) {
    const end = text.indexOf('\n', at);
    if (line < 4) tables.push(text.slice(at, end));
    else {
      const tab = text.indexOf('\t', at);
      start.set(text.slice(at, tab), tab + 1);
    }
    at = end + 1;
  }
  const table = (line: number) => JSON.parse(unabbreviated(tables[line] ?? '[]'));
  opened = {
    text,
    start,
    constraints: table(1),
    constraintSets: table(2),
    slicings: table(3),
  };
  return opened;
}

function unabbreviated(line: string): string {
  return line.replaceAll('"~', `"${structureUrl}`).replaceAll('"^', `"${valueSetUrl}`);
}

const definitions = new Map<string, StructureDefinition | undefined>();

/**
 * R4's own StructureDefinition of this url, with a snapshot: types, and the profiles and extensions
 * that R4 publishes. What is only for readers (definitions, comments, mappings) is left out.
 * undefined: R4 has none, or not in this version.
 *
 * @param canonical url or url|version (R4 references.html#canonical)
 */
export function baseDefinition(canonical: string): StructureDefinition | undefined {
  const bar = canonical.indexOf('|');
  if (bar >= 0 && !/^\|4\.0(?:\.[01])?$/.test(canonical.slice(bar))) return undefined;
  const url = bar >= 0 ? canonical.slice(0, bar) : canonical;
  const known = definitions.get(url);
  if (known) return known;
  const { text, start } = catalogue();
  const at = start.get(url);
  if (at === undefined) return undefined;
  const line = unabbreviated(text.slice(at, text.indexOf('\n', at)));
  const [head, elements]: [Head & JsonObject, ElementLine[]] = JSON.parse(line);
  const definition = {
    ...head,
    resourceType: 'StructureDefinition',
    url,
    version: '4.0.1',
    status: 'active',
    fhirVersion: '4.0.1',
    snapshot: { element: elements.map((one, index) => elementOf(head.type, one, index === 0)) },
  } as unknown as StructureDefinition; // as the generator wrote it
  definitions.set(url, definition);
  return definition;
}

/** R4's own definition of a type by its name: Patient, HumanName, string. */
export function baseType(name: string): StructureDefinition | undefined {
  return baseDefinition(structureUrl + name);
}

/** The urls of all StructureDefinitions that R4 itself publishes. */
export function baseUrls(): Iterable<string> {
  return catalogue().start.keys();
}

/** R4's own StructureDefinitions, and nothing else. */
export const baseDefinitions: DefinitionSource = {
  find: (type, canonical) =>
    type === 'StructureDefinition' ? baseDefinition(canonical) : undefined,
};

function elementOf(type: string, line: ElementLine, root: boolean): ElementDefinition {
  const [tail, cardinality, types, set, extra = {}] = line;
  const { b, f = '', base, of = cardinality, slicing, sliceName, ...rest } = extra;
  const { constraints, constraintSets, slicings } = catalogue();
  const id = root ? tail : `${type}.${tail}`;
  const path = id.replace(/:[^.]*/g, '');
  const slice = id.slice(id.lastIndexOf('.') + 1).split(':')[1] ?? sliceName;
  const keys = constraintSets[set] ?? [];
  return {
    id,
    path,
    ...(typeof slice === 'string' && { sliceName: slice }),
    ...(slicing !== undefined && { slicing: slicings[slicing] ?? {} }),
    ...cardinalityOf(cardinality),
    base: { path: base ?? path, ...cardinalityOf(of) },
    ...(!isEmpty(types) && { type: typesOf(types) }),
    ...(keys.length > 0 && { constraint: keys.map((key) => constraints[key]) }),
    ...(b && { binding: bindingOf(b) }),
    ...(f.includes('m') && { isModifier: true }),
    ...(f.includes('s') && { isSummary: true }),
    ...(f.includes('x') && { mustSupport: true }),
    ...rest,
  } as ElementDefinition;
}

function cardinalityOf(text: string): { min: number; max: string } {
  const [min, max = '*'] = text.split('..');
  return { min: Number(min), max };
}

const isEmpty = (types: TypeEntry | TypeEntry[]) => Array.isArray(types) && types.length === 0;

/** One type may stand alone: `Reference` or `[Reference, 0, targets]`. */
function typesOf(types: TypeEntry | TypeEntry[]): JsonObject[] {
  const alone = typeof types === 'string' || types[1] === 0 || isProfiled(types);
  const list = (alone ? [types] : types) as TypeEntry[];
  return list.map((entry) => {
    const [code, profile, targetProfile] = typeof entry === 'string' ? [entry, 0 as const] : entry;
    return { code, ...(profile && { profile }), ...(targetProfile && { targetProfile }) };
  });
}

/** `[Quantity, [profile]]` is one type; `[Quantity, Range]` and `[[Quantity, …], …]` are more. */
function isProfiled(types: TypeEntry | TypeEntry[]): boolean {
  const [first, second] = types;
  return typeof first === 'string' && Array.isArray(second) && /^https?:/.test(String(second[0]));
}

function bindingOf([strength, valueSet, most]: string[]): JsonObject {
  return {
    strength,
    ...(valueSet && { valueSet }),
    ...(most && { extension: [{ url: maxValueSet, valueCanonical: most }] }),
  };
}
