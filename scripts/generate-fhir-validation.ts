// Writes src/generated/fhir-r4/validation.txt: R4's StructureDefinitions, cut down to what
// validation and snapshots need. Run with --from <folder> of the unpacked `npm pack
// hl7.fhir.r4.examples@4.0.1`.
//
// Line 1 says who wrote it; line 2 holds the distinct constraints, line 3 the distinct sets of
// them, line 4 the distinct slicings; each further line is one definition: its url, a tab, and an
// array that src/standards/fhir/validate/r4-definition.ts reads back. ~ stands for the url of R4's
// StructureDefinitions, ^ for that of its ValueSets.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

type Constraint = Record<string, unknown> & { key: string };
type Element = Record<string, unknown> & {
  id: string;
  path: string;
  sliceName?: string;
  min: number;
  max: string;
  base?: { path: string; min: number; max: string };
  type?: { code: string; profile?: string[]; targetProfile?: string[] }[];
  constraint?: Constraint[];
  binding?: {
    strength: string;
    valueSet?: string;
    extension?: { url: string; valueCanonical?: string }[];
  };
};
type Definition = Record<string, unknown> & {
  url: string;
  kind: string;
  type: string;
  derivation?: string;
  snapshot?: { element: Element[] };
};

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (values.from === undefined) throw new Error('--from <folder> is needed');
const from = values.from;

const constraints = new Map<string, number>();
const constraintSets = new Map<string, number>();
const slicings = new Map<string, number>();
const typeExtension = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';
const asIs = /^(?:fixed|pattern|minValue|maxValue)[A-Z]|^(?:slicing|maxLength|contentReference)$/;

function numbered(map: Map<string, number>, value: unknown): number {
  const text = JSON.stringify(value);
  const known = map.get(text) ?? map.size;
  map.set(text, known);
  return known;
}

function constraintSet(element: Element): number {
  const set = (element.constraint ?? []).map(({ key, severity, human, expression, source }) =>
    numbered(constraints, { key, severity, human, expression, source }),
  );
  return numbered(constraintSets, set);
}

/**
 * `Reference` targets and profiles keep their urls; a System type is the FHIR type it stands for.
 */
function typeEntry(type: NonNullable<Element['type']>[number], element: Element): unknown {
  let code = type.code;
  if (code.startsWith('http://hl7.org/fhirpath/')) {
    const extensions = (type as { extension?: { url: string; valueUrl?: string }[] }).extension;
    code = extensions?.find((one) => one.url === typeExtension)?.valueUrl ?? 'string';
    // R4 resource.html#id; the extension that names the type says string.
    if (element.base?.path === 'Resource.id') code = 'id';
  }
  if (!type.profile && !type.targetProfile) return code;
  return [code, type.profile ?? 0, ...(type.targetProfile ? [type.targetProfile] : [])];
}

function bindingOf({ binding }: Element): unknown {
  if (!binding) return undefined;
  const most = binding.extension?.find((one) => one.url === maxValueSet)?.valueCanonical;
  return [binding.strength, binding.valueSet ?? '', ...(most ? [most] : [])];
}

function pathOf(id: string): string {
  return id.replace(/:[^.]*/g, '');
}

function elementLine(element: Element): unknown[] {
  const { id, path, sliceName, min, max, base } = element;
  if (pathOf(id) !== path) throw new Error(`${id} is not the id of ${path}`);
  const extra: Record<string, unknown> = {};
  const last = id.slice(id.lastIndexOf('.') + 1).split(':')[1];
  if (sliceName !== last) extra['sliceName'] = sliceName ?? null;
  if (base && base.path !== path) extra['base'] = base.path;
  if (base && (base.min !== min || base.max !== max)) extra['of'] = `${base.min}..${base.max}`;
  const binding = bindingOf(element);
  if (binding) extra['b'] = binding;
  for (const key of Object.keys(element)) if (asIs.test(key)) extra[key] = element[key];
  if (element['slicing']) extra['slicing'] = numbered(slicings, element['slicing']);
  const flags = [
    element['isSummary'] && 's',
    element['isModifier'] && 'm',
    element['mustSupport'] && 'x',
  ];
  if (flags.some(Boolean)) extra['f'] = flags.filter(Boolean).join('');
  const types = (element.type ?? []).map((type) => typeEntry(type, element));
  const line = [
    id.slice(id.indexOf('.') + 1),
    `${min}..${max}`,
    types.length === 1 ? types[0] : types,
    constraintSet(element),
  ];
  return Object.keys(extra).length ? [...line, extra] : line;
}

function definitionLine(definition: Definition): string {
  const { url, kind, type, abstract, name } = definition;
  const { baseDefinition, derivation, context, contextInvariant, title } = definition;
  const head = {
    name,
    kind,
    type,
    abstract,
    baseDefinition,
    derivation,
    context,
    title,
    contextInvariant,
  };
  const elements = (definition.snapshot?.element ?? []).map(elementLine);
  return `${url}\t${JSON.stringify([head, elements])}`;
}

const definitions = readdirSync(from)
  .filter((name) => /^StructureDefinition-.*\.json$/.test(name))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(from, name), 'utf8')) as Definition)
  .filter((one) => one.kind !== 'logical');
const lines = definitions.map(definitionLine);
const listed = (map: Map<string, number>) => `[${[...map.keys()].join(',')}]`;
const by =
  'Generated by scripts/generate-fhir-validation.ts from hl7.fhir.r4.examples 4.0.1; do not edit';
const tables = [constraints, constraintSets, slicings].map(listed);
const long = [by, ...tables, ...lines, ''].join('\n');
if (/"[~^]/.test(long)) throw new Error('~ or ^ would be ambiguous');
const text = long
  .replaceAll('"http://hl7.org/fhir/StructureDefinition/', '"~')
  .replaceAll('"http://hl7.org/fhir/ValueSet/', '"^');
// read as Latin-1, which is the fastest: so all else is escaped
const ascii = text.replace(
  /[\u0080-\uffff]/g,
  (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
writeFileSync(new URL('../src/generated/fhir-r4/validation.txt', import.meta.url), ascii);
console.log(`${lines.length} definitions, ${constraints.size} constraints, ${ascii.length} bytes`);
