import { typeSchema } from '../definitions.ts';
import { compileFhirPath, type FhirPath, FhirPathRefused } from '../fhirpath/fhirpath.ts';
import { definedTypes } from './defined-type.ts';
import { type CompositePart, searchParameters } from './parameter.ts';
import type { StoredParameter } from './registry.ts';
import type { SearchKind } from './search-query.ts';
import { type Failed, nodeValues, partValues } from './stored-values.ts';

/** What this server reads of a SearchParameter; everything else of it only describes. */
type Definition = {
  readonly resourceType?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly base?: unknown;
  readonly expression?: unknown;
  readonly target?: unknown;
  readonly component?: unknown;
};

export type ParameterReading =
  | { readonly types: readonly string[]; readonly parameter: StoredParameter }
  /** Why it can not be searched by, in words for the one who stores it. */
  | { readonly refused: readonly string[] };

const kinds = new Set<unknown>(
  'token string date number quantity uri reference composite'.split(' '),
);
/** Characters of an expression; the longest of R4's own over one type has 300. */
const maxExpression = 2000;
const codePattern = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/**
 * Reads a SearchParameter resource (R4 searchparameter.html) into a parameter that `parseSearch`
 * and `extractIndex` take from a registry. Refused, with every reason: a code R4 gives one of its
 * bases already, an expression that is none or depends on the time, `special`, composites other
 * than a token with one more part. `failed` hears about resources an expression breaks on, or finds
 * more than 1000 values in; the parameter then has no values of that resource.
 */
export function parameterFrom(resource: object, failed: Failed): ParameterReading {
  const definition: Definition = resource;
  const reasons: string[] = [];
  const { code, type, base, expression } = definition;
  const types = definedTypes(base);
  if (types === undefined) reasons.push('base names R4 resource types, at least one.');
  if (typeof code !== 'string' || !codePattern.test(code)) {
    reasons.push('code is a letter and up to 63 letters, digits and hyphens.');
  } else if (types?.some((one) => searchParameters(one).has(code))) {
    reasons.push('R4 already gives one of its bases a search parameter with this code.');
  }
  if (!kinds.has(type))
    reasons.push('type is token, string, date, number, quantity, uri, reference or composite.');
  const path = compiled(expression, reasons);
  const parts = type === 'composite' ? partsOf(definition, types ?? [], reasons) : undefined;
  const targets = targetsOf(definition, reasons);
  if (reasons.length > 0 || !types || !path || typeof code !== 'string')
    return { refused: reasons };
  const identifies = type === 'date' && /\bbirthDate\b/.test(path.text);
  const kind = (identifies ? 'birth-date' : type) as SearchKind;
  const named = { code, kind, path };
  const parameter: StoredParameter = {
    ...{ code, kind, covers: [code], plans: [], targets, elements: elementsIn(path.text) },
    ...(parts && {
      parts: parts.map(({ param, kind: of }): CompositePart => ({ param, kind: of, plans: [] })),
    }),
    extract: parts ? partValues(named, parts, failed) : nodeValues(named, failed),
  };
  return { types, parameter };
}

function compiled(expression: unknown, reasons: string[]): FhirPath | undefined {
  if (typeof expression !== 'string' || expression === '' || expression.length > maxExpression) {
    reasons.push(`expression is a FHIRPath of up to ${maxExpression} characters.`);
    return undefined;
  }
  if (/\b(?:now|today|timeOfDay)\s*\(/.test(expression)) {
    reasons.push('expression may not depend on the time: what is stored would be out of date.');
    return undefined;
  }
  try {
    return compileFhirPath(withoutJsonNames(expression));
  } catch (error) {
    if (!(error instanceof FhirPathRefused)) throw error;
    reasons.push(`expression: ${error.message}`);
    return undefined;
  }
}

/**
 * US Core 6 writes the JSON's `.valueDateTime` for `.value.ofType(dateTime)`: FHIRPath knows no
 * such name and would find nothing, without a word.
 */
function withoutJsonNames(expression: string): string {
  return expression.replace(/'(?:[^'\\]|\\.)*'|\.value([A-Z]\w*)/g, (all, type?: string) => {
    if (type === undefined) return all;
    const named = [type, `${type.charAt(0).toLowerCase()}${type.slice(1)}`].find(typeSchema);
    return named === undefined ? all : `.value.ofType(${named})`;
  });
}

function targetsOf({ type, target }: Definition, reasons: string[]): readonly string[] {
  if (type !== 'reference') return [];
  const found = definedTypes(target ?? ['Resource']);
  if (found === undefined) reasons.push('target names R4 resource types.');
  return found ?? [];
}

export type Part = { readonly param: string; readonly kind: SearchKind; readonly path: FhirPath };

function partsOf(definition: Definition, types: readonly string[], reasons: string[]): Part[] {
  const components = Array.isArray(definition.component) ? definition.component : [];
  const parts = components.flatMap((one: { definition?: unknown; expression?: unknown }) => {
    const path = compiled(one?.expression, reasons);
    const part = partOf(one?.definition, types);
    if (part === undefined) {
      reasons.push('component.definition is the url of a search parameter R4 gives its base.');
    }
    return path && part ? [{ ...part, path }] : [];
  });
  const [first] = parts;
  if (components.length !== 2 || (first && first.kind !== 'token')) {
    reasons.push('A composite has two components here, the first of type token.');
  }
  return parts;
}

/** R4's own: http://hl7.org/fhir/SearchParameter/Observation-code is code. */
function partOf(definition: unknown, types: readonly string[]) {
  const text = typeof definition === 'string' ? definition : '';
  const param = /^http:\/\/hl7\.org\/fhir\/SearchParameter\/[A-Za-z]+-([a-z0-9-]+)$/.exec(
    text,
  )?.[1];
  const [kind, ...others] = types.map((type) => searchParameters(type).get(param ?? '')?.kind);
  if (param === undefined || kind === undefined || others.some((one) => one !== kind)) {
    return undefined;
  }
  return { param, kind };
}

/**
 * Every name in an expression: elements it may read, so that who may not see one may not ask.
 * Undefined: any.
 */
function elementsIn(expression: string): readonly string[] | undefined {
  if (/\b(?:children|descendants|repeat)\b/.test(expression)) return undefined;
  const bare = expression.replace(/'(?:[^'\\]|\\.)*'/g, '');
  return [...new Set(bare.match(/[a-z][A-Za-z0-9]*/g) ?? [])];
}
