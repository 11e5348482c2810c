/**
 * Writes src/generated/fhir-r4/search.json from HL7's own R4 definitions:
 *
 *   npm pack hl7.fhir.r4.examples@4.0.1 && tar xf hl7.fhir.r4.examples-4.0.1.tgz
 *   node scripts/generate-fhir-search.ts --from package
 *
 * Every search parameter's FHIRPath expression becomes, for each type, the JSON paths where its
 * values stand. Prints what it left out, with the reason.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Component, compileComposite, shareRows } from './fhir-search-composite.ts';
import { type Compiled, coverAll, splitFiltered } from './fhir-search-cover.ts';
import { type ExpressionStep, parseExpression } from './fhir-search-expression.ts';
import {
  definitions,
  follow,
  type Leaf,
  root,
  type StructureDefinition,
} from './fhir-search-path.ts';
import { datatypes, expandParts, planOf } from './fhir-search-plan.ts';

type SearchParameter = {
  url: string;
  code: string;
  type: string;
  /** Absent in ten extension parameters of the package. */
  base?: string[];
  expression?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
};
type ValueSet = { url: string; compose?: { include: { system?: string; valueSet?: string[] }[] } };

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (!values.from) throw new Error('Say where the unpacked package is: --from <folder>.');
const folder = values.from;

const read = <T>(prefix: string): T[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${prefix}-`) && name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);

const structures = read<StructureDefinition>('StructureDefinition');
const known = definitions(structures);
const parameters = read<SearchParameter>('SearchParameter');
const valueSets = new Map(read<ValueSet>('ValueSet').map((one) => [one.url, one]));
const skipped: string[] = [];

/** Answered by the store itself or not built; `_text` and `_content` have no expression. */
const withoutValues = new Set(['_id', '_lastUpdated', '_text', '_content', '_query', '_filter']);
const birthDates = new Set(['Patient', 'Person', 'RelatedPerson']);

function codeSystems(url: string | undefined): string[] | undefined {
  const includes = valueSets.get(url?.split('|')[0] ?? '')?.compose?.include ?? [];
  const systems = includes.map((one) => one.system);
  if (systems.some((one) => one === undefined || one.startsWith('urn:'))) return undefined;
  return systems.flatMap((one) => one ?? []);
}

/**
 * Systems a code element implies (search.html#token: "implicit"); undefined if values carry their
 * own.
 */
function implicitSystems(leaves: Leaf[]): string[] | undefined {
  const plain = new Set(['code', 'boolean', 'string', 'uri', 'id', 'ContactPoint', 'exists']);
  if (leaves.length === 0 || leaves.some((leaf) => !plain.has(leaf.type))) return undefined;
  return [...new Set(leaves.flatMap((leaf) => codeSystems(leaf.valueSet) ?? []))].sort();
}

function termsFor(type: string, expression: string): ExpressionStep[][] {
  const roots = new Set([type, 'Resource', 'DomainResource']);
  return parseExpression(expression).flatMap(([first, ...steps]) => {
    if (first?.step !== 'element') return [];
    // InsurancePlan's `name | alias` names no type.
    if (/^[a-z]/.test(first.name)) return [[first, ...steps]];
    return roots.has(first.name) ? [steps] : [];
  });
}

function leavesOf(type: string, parameter: SearchParameter): Leaf[] {
  const expression = parameter.expression ?? '';
  const whole = /^(\w+)\.deceased\.exists\(\) and \1\.deceased != false$/.test(expression);
  const terms = termsFor(type, whole ? `${type}.deceased` : expression);
  const found = terms.flatMap((steps) => follow(known, root(type), steps));
  if (whole) {
    return found.map((leaf) => ({ ...leaf, type: leaf.type === 'boolean' ? 'boolean' : 'exists' }));
  }
  // Bundle.composition and Bundle.message: the first entry, if it is of the type they look for.
  const resolved = found.map((leaf) =>
    leaf.type === 'Resource' && parameter.target ? { ...leaf, only: parameter.target[0] } : leaf,
  );
  const extended = expression.includes('.extension(');
  const accepted = datatypes(parameter.type, extended);
  for (const leaf of resolved) {
    if (!extended && !accepted.has(leaf.type))
      note(type, parameter.code, `no ${parameter.type} in ${leaf.type}`);
  }
  const leaves = resolved.filter((leaf) => accepted.has(leaf.type)).flatMap(expandParts);
  return [...new Map(leaves.map((leaf) => [leaf.path.join(' '), leaf])).values()];
}

function note(type: string, code: string, reason: string): void {
  skipped.push(`${type}.${code}: ${reason}`);
}

function targetsOf(leaves: Leaf[], declared: string[] | undefined): string[] | '*' {
  const targets = new Set(leaves.flatMap((leaf) => leaf.only ?? leaf.targets));
  if (targets.has('Resource')) {
    const all = declared ?? [];
    return all.length === 0 || all.length > 100 ? '*' : [...all].sort();
  }
  const both = [...targets].filter((one) => declared === undefined || declared.includes(one));
  return (both.length > 0 ? both : [...targets]).sort();
}

function kindOf(type: string, parameter: SearchParameter): string {
  return parameter.code === 'birthdate' && birthDates.has(type) ? 'birth-date' : parameter.type;
}

function compileType(type: string): Record<string, object> {
  const mine = parameters.filter((one) =>
    one.base?.some((base) => base === type || base === 'Resource' || base === 'DomainResource'),
  );
  const simple: Compiled[] = [];
  const output: Record<string, object> = {};
  for (const parameter of mine) {
    const { code } = parameter;
    if (withoutValues.has(code) || parameter.type === 'composite') continue;
    if (parameter.type === 'special') {
      output[code] = { kind: 'special' };
      continue;
    }
    const leaves = leavesOf(type, parameter);
    if (leaves.length === 0) note(type, code, 'no expression that leads to a value');
    else simple.push({ code, kind: kindOf(type, parameter), leaves, covers: [], own: [] });
  }
  splitFiltered(simple);
  coverAll(simple);
  for (const one of simple) output[one.code] = entry(one, mine);
  for (const parameter of mine.filter((one) => one.type === 'composite')) {
    const terms = termsFor(type, parameter.expression ?? '');
    const components: Component[] = (parameter.component ?? []).map((part) => {
      const definition = parameters.find((one) => one.url === part.definition);
      return {
        code: definition?.code ?? '',
        kind: definition?.type ?? '',
        expression: part.expression,
      };
    });
    try {
      output[parameter.code] = compileComposite(known, { type, terms, components, simple });
    } catch (error) {
      note(type, parameter.code, error instanceof Error ? error.message : String(error));
    }
  }
  shareRows(output);
  return sorted(output);
}

function entry(one: Compiled, mine: SearchParameter[]): object {
  const declared = mine.find((parameter) => parameter.code === one.code)?.target;
  const systems = one.kind === 'token' ? implicitSystems(one.leaves) : undefined;
  // search.html#token: "if the underlying data type is string then the search is not case
  // sensitive".
  const folded = one.kind === 'token' && one.leaves.every((leaf) => leaf.type === 'string');
  return {
    kind: one.kind,
    ...(one.covers.join() !== one.code && { covers: one.covers }),
    ...(one.own.length > 0 && { plans: one.own.map((leaf) => planOf(leaf, folded)) }),
    ...(one.kind === 'reference' && { targets: targetsOf(one.leaves, declared) }),
    ...(one.target && { target: one.target }),
    ...(systems && { systems }),
    ...(folded && { folded }),
    ...(one.leaves.some((leaf) => leaf.type === 'exists') && { otherwise: 'false' }),
  };
}

function sorted(record: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const types = structures
  .filter((one) => one.kind === 'resource' && !one.abstract && one.derivation !== 'constraint')
  .map((one) => one.type)
  .sort();
const lines = types.map((type) => `"${type}":${JSON.stringify(compileType(type))}`);
const by = 'by scripts/generate-fhir-search.ts from hl7.fhir.r4.examples 4.0.1; do not edit';
const target = new URL('../src/generated/fhir-r4/search.json', import.meta.url);
writeFileSync(target, `{"generated":"${by}",\n"types":{\n${lines.join(',\n')}\n}}\n`);
for (const line of new Set(skipped)) console.log(line);
console.log(`${types.length} types, ${lines.join('').length} bytes`);
