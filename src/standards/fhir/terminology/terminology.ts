import type { DefinitionSource, DefinitionType } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import type { CodeSet, CodeSets } from './code-set.ts';
import type { CodeSystem } from './code-system.ts';
import { implicitValueSet } from './implicit.ts';
import { r4Content } from './r4-content.ts';
import { refuseTerm, TerminologyRefused } from './refused.ts';
import { splitCanonical } from './resource-field.ts';
import { resourceSystem } from './resource-system.ts';
import { compileValueSet, type ValueSet } from './value-set.ts';

/** Definitions made ready for questions, each when it is first asked for. */
export type Terminology = CodeSets & {
  /** A url, or url|version; `version` says it apart. undefined: not held here. */
  codeSystem(canonical: string, version?: string): CodeSystem | undefined;
  /** Throws TerminologyRefused for a value set that means nothing. undefined: not known here. */
  valueSet(canonical: string): ValueSet | undefined;
  /** A value set someone handed in. Throws TerminologyRefused. */
  compile(resource: JsonObject): ValueSet;
  definition(type: DefinitionType, canonical: string): JsonObject | undefined;
};

export type TerminologyParts = {
  /** Asked before R4's own. Must not change: made anew for changed definitions. */
  definitions: DefinitionSource;
  /** Systems too large to be a resource, with the version of their edition. */
  largeSystem?: (url: string, version: string | undefined) => CodeSystem | undefined;
};

/** Imports within imports. */
const MOST_DEPTH = 32;
/** Of each kind; then they are forgotten and made again. A value set may take 44 KB of bits. */
const REMEMBERED = 2_000;

/** What is made of a CodeSystem resource is the same for everyone who has that resource. */
const systems = new WeakMap<JsonObject, CodeSystem>();

export function openTerminology(parts: TerminologyParts): Terminology {
  const { definitions } = parts;
  const valueSets = new Map<string, ValueSet | undefined>();
  const codeSystems = new Map<string, CodeSystem | undefined>();
  const codeSets = new Map<string, CodeSet | undefined>();
  const compiling = new Set<string>();

  const definition = (type: DefinitionType, canonical: string) =>
    definitions.find(type, canonical) ?? r4Content.find(type, canonical);

  function codeSystem(canonical: string, version?: string): CodeSystem | undefined {
    const whole = version === undefined ? canonical : `${canonical}|${version}`;
    return remembered(codeSystems, whole, () => {
      const resource = definition('CodeSystem', whole);
      const held = resource === undefined ? undefined : systemOf(resource);
      if (held?.completeness === 'complete') return held;
      const { url, version: asked } = splitCanonical(whole);
      const large = parts.largeSystem?.(url, asked);
      const partial = held?.completeness === 'fragment' || held?.completeness === 'example';
      return large ?? (partial ? held : undefined);
    });
  }

  function valueSet(canonical: string): ValueSet | undefined {
    return remembered(valueSets, canonical, () => {
      const resource = definition('ValueSet', canonical) ?? implicitValueSet(canonical);
      if (resource === undefined) return undefined;
      if (compiling.has(canonical)) refuseTerm('invalid', 'A value set includes itself.');
      if (compiling.size >= MOST_DEPTH) {
        refuseTerm('too-costly', `Value sets import each other more than ${MOST_DEPTH} deep.`);
      }
      compiling.add(canonical);
      try {
        return compile(resource);
      } finally {
        compiling.delete(canonical);
      }
    });
  }

  const compile = (resource: JsonObject) => compileValueSet(resource, { codeSystem, valueSet });

  return {
    ...{ codeSystem, valueSet, compile, definition },
    codeSet: (canonical) => remembered(codeSets, canonical, () => codeSetOf(valueSet, canonical)),
  };
}

function systemOf(resource: JsonObject): CodeSystem {
  const known = systems.get(resource);
  if (known !== undefined) return known;
  const made = resourceSystem(resource);
  systems.set(resource, made);
  return made;
}

/** A value set that cannot be composed here tells nothing of any code, but is known. */
function codeSetOf(
  valueSet: (canonical: string) => ValueSet | undefined,
  canonical: string,
): CodeSet | undefined {
  try {
    const found = valueSet(canonical);
    if (found === undefined) return undefined;
    return {
      has(system, code) {
        const member = found.find(system, code);
        return member === undefined ? undefined : member !== false;
      },
    };
  } catch (error) {
    if (error instanceof TerminologyRefused) return { has: () => undefined };
    throw error;
  }
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined || map.has(key)) return known as T;
  const made = make();
  if (map.size >= REMEMBERED) map.clear();
  map.set(key, made);
  return made;
}
