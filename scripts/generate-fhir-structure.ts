/**
 * Writes src/generated/fhir-r4/structure.json from HL7's own R4 definitions:
 *
 *   npm pack hl7.fhir.r4.examples@4.0.1 && tar xf hl7.fhir.r4.examples-4.0.1.tgz   node
 * scripts/generate-fhir-structure.ts --from package
 *
 * One line per element: `name min..max type…`, where a type may carry its reference targets
 * `Reference(Patient,Group)` or the value set of a required binding `code{observation-status}`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CodeSystem, expander, type ValueSet } from './fhir-value-set-expansion.ts';

type TypeEntry = {
  code: string;
  targetProfile?: string[];
  extension?: { url: string; valueUrl?: string }[];
};
type ElementDefinition = {
  path: string;
  min: number;
  max: string;
  type?: TypeEntry[];
  contentReference?: string;
  base: { path: string };
  binding?: { strength: string; valueSet?: string };
};
type StructureDefinition = {
  name: string;
  kind: string;
  abstract: boolean;
  derivation?: string;
  baseDefinition?: string;
  snapshot: { element: ElementDefinition[] };
};
type TypeLines = { kind: string; base?: string; elements: string[] };

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (!values.from) throw new Error('Say where the unpacked package is: --from <folder>.');
const folder = values.from;
const inherited = /^(?:Element|BackboneElement|Resource|DomainResource)\./;
const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const tail = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

const read = <T>(prefix: string): T[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${prefix}-`) && name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);

const expand = expander(read<ValueSet>('ValueSet'), read<CodeSystem>('CodeSystem'));
const valueSets: Record<string, string[]> = {};
const notEnumerable = new Set<string>();

function codeType(element: ElementDefinition): string {
  const url = element.binding?.valueSet?.split('|')[0];
  if (element.binding?.strength !== 'required' || !url) return 'code';
  const codes = expand(url);
  if (!codes) {
    notEnumerable.add(url);
    return 'code';
  }
  valueSets[tail(url)] = codes;
  return `code{${tail(url)}}`;
}

function typeText(element: ElementDefinition, type: TypeEntry): string {
  // R4 resource.html#id; the extension that names the type says string.
  if (element.base.path === 'Resource.id') return 'id';
  if (type.code.startsWith('http://hl7.org/fhirpath/')) {
    return type.extension?.find((one) => one.url === fhirType)?.valueUrl ?? 'string';
  }
  if (type.code === 'code') return codeType(element);
  const targets = (type.targetProfile ?? []).map(tail);
  if (type.code !== 'Reference' || !targets.length || targets.includes('Resource'))
    return type.code;
  return `Reference(${targets.join(',')})`;
}

function elementLine(element: ElementDefinition, hasChildren: boolean): string {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1);
  const types = element.contentReference
    ? [element.contentReference.slice(element.contentReference.indexOf('#') + 1)]
    : hasChildren
      ? [element.path]
      : (element.type ?? []).map((type) => typeText(element, type));
  return `${name} ${element.min}..${element.max} ${types.join(' ')}`;
}

const types: Record<string, TypeLines> = {};

function addType(definition: StructureDefinition): void {
  const base = definition.baseDefinition ? tail(definition.baseDefinition) : undefined;
  const kind = definition.kind.replace('-type', '');
  types[definition.name] = {
    kind: definition.abstract ? 'abstract' : kind,
    ...(base && { base: base === 'Quantity' ? 'Element' : base }),
    elements: [],
  };
  if (kind === 'primitive') return;
  const [, ...elements] = definition.snapshot.element;
  const parents = new Set(elements.map((one) => one.path.slice(0, one.path.lastIndexOf('.'))));
  const ownBase = inherited.test(`${definition.name}.`);
  for (const element of elements) {
    const hasChildren = parents.has(element.path);
    if (hasChildren) {
      types[element.path] = {
        kind: 'backbone',
        base: element.type?.[0]?.code ?? 'Element',
        elements: [],
      };
    }
    const own = ownBase && element.base.path.startsWith(`${definition.name}.`);
    if (inherited.test(element.base.path) && !own) continue;
    const owner = types[element.path.slice(0, element.path.lastIndexOf('.'))];
    owner?.elements.push(elementLine(element, hasChildren));
  }
}

read<StructureDefinition>('StructureDefinition')
  .filter((one) => one.derivation !== 'constraint' && one.kind !== 'logical')
  .forEach(addType);

const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
const file = {
  generated: 'by scripts/generate-fhir-structure.ts from hl7.fhir.r4.examples 4.0.1; do not edit',
  valueSets: sorted(valueSets),
  types: sorted(types),
};
const target = new URL('../src/generated/fhir-r4/structure.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(file, null, 1)}\n`);
process.stdout.write(
  `${Object.keys(types).length} types, ${Object.keys(valueSets).length} value sets; ` +
    `not enumerable: ${[...notEnumerable].map(tail).sort().join(', ')}\n`,
);
