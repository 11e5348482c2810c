import type { JsonObject } from '../json-object.ts';
import type { CodeSystem } from './code-system.ts';
import type { ConceptSet } from './concept-set.ts';
import { ancestors, descendants, isA } from './hierarchy.ts';
import { compilePattern } from './pattern.ts';
import { refuseTerm } from './refused.ts';
import { textOf } from './resource-field.ts';

/** `candidates`, where they are fewer than all concepts: what may match, to list without a scan. */
export type Filter = {
  test(concept: number): boolean;
  candidates?(): Iterable<number> & { readonly size: number };
  /** Steps that tests have taken so far, where one may take many (`Pattern`). */
  spent?(): number;
};

/**
 * One ValueSet.compose.include.filter on a code system (R4 valueset-filter-operator.html).
 * Throws TerminologyRefused for an operator, property or code that means nothing in that system.
 */
export function compileFilter(system: CodeSystem, filter: JsonObject): Filter {
  const property = textOf(filter['property']) ?? '';
  const op = textOf(filter['op']) ?? '';
  const value = textOf(filter['value']);
  if (property === '' || op === '' || value === undefined) {
    return refuseTerm('invalid', 'A filter needs property, op and value.');
  }
  const hierarchy = hierarchic[op];
  if (hierarchy !== undefined) {
    if (property !== 'concept' && property !== 'code') {
      return refuseTerm('not-supported', `The filter ${op} is for the property concept.`);
    }
    return hierarchy(system, conceptOf(system, value));
  }
  return ownFilter(system, { property, op, value }) ?? byValue(system, { property, op, value });
}

/** What R4 says of one code system's filters alone (terminologies-systems.html). */
function ownFilter(system: CodeSystem, { property, op, value }: Asked): Filter | undefined {
  if (system.url === 'http://snomed.info/sct' && property === 'concept' && op === 'in') {
    return refuseTerm('not-supported', 'Reference sets of SNOMED CT are not held here.');
  }
  if (system.url === 'http://loinc.org' && property === 'ancestor' && op === '=') {
    return hierarchic['descendent-of']?.(system, conceptOf(system, value));
  }
  if (system.url === 'http://www.nlm.nih.gov/research/umls/rxnorm' && value.startsWith('CUI:')) {
    return byValue(system, { property, op, value: value.slice('CUI:'.length) });
  }
  return undefined;
}

function conceptOf(system: CodeSystem, code: string): number {
  const concept = system.find(code);
  if (concept >= 0) return concept;
  const fault = system.completeness === 'complete' ? 'code-invalid' : 'not-supported';
  return refuseTerm(fault, `A filter names a code that ${system.url} does not have here.`);
}

const hierarchic: Readonly<Record<string, (system: CodeSystem, concept: number) => Filter>> = {
  'is-a': (system, top) => {
    const below = belowOf(system, top);
    return {
      test: (concept) => concept === top || below.has(concept),
      candidates: () => withOne(top, below.all()),
    };
  },
  'descendent-of': (system, top) => {
    const below = belowOf(system, top);
    return { test: below.has, candidates: below.all };
  },
  'is-not-a': (system, top) => {
    const below = belowOf(system, top);
    return { test: (concept) => concept !== top && !below.has(concept) };
  },
  generalizes: (system, bottom) => ({
    test: (concept) => isA(system, bottom, concept),
    candidates: () => withOne(bottom, ancestors(system, bottom)),
  }),
};

function withOne(one: number, others: ConceptSet) {
  return {
    size: others.size + 1,
    *[Symbol.iterator]() {
      yield one;
      yield* others;
    },
  };
}

/** Questions until all below are gathered: walking up is dearer each time, and needs no memory. */
const FEW = 8;

function belowOf(system: CodeSystem, top: number) {
  let below: ConceptSet | undefined;
  let asked = 0;
  const all = (): ConceptSet => {
    below ??= descendants(system, top);
    return below;
  };
  return {
    all,
    has(concept: number): boolean {
      asked += 1;
      if (asked <= FEW) return concept !== top && isA(system, concept, top);
      return all().has(concept);
    },
  };
}

type Asked = { property: string; op: string; value: string };

function byValue(system: CodeSystem, { property, op, value }: Asked): Filter {
  const values = reader(system, property);
  switch (op) {
    case '=':
      if (isCode(property)) return listed(system, [value]);
      return { test: (concept) => values(concept).includes(value) };
    case 'in':
    case 'not-in': {
      const list = value.split(',').map((one) => one.trim());
      if (isCode(property) && op === 'in') return listed(system, list);
      const wanted = new Set(list);
      const found = (concept: number) => values(concept).some((one) => wanted.has(one));
      return { test: (concept) => found(concept) === (op === 'in') };
    }
    case 'regex': {
      const pattern = compilePattern(value);
      return { test: (concept) => values(concept).some(pattern.matches), spent: pattern.spent };
    }
    case 'exists': {
      if (value !== 'true' && value !== 'false') {
        refuseTerm('invalid', 'The filter exists takes true or false.');
      }
      return { test: (concept) => values(concept).length > 0 === (value === 'true') };
    }
    default:
      return refuseTerm('not-supported', 'This filter operator is not one of R4.');
  }
}

const isCode = (property: string) => property === 'code' || property === 'concept';

function listed(system: CodeSystem, codes: readonly string[]): Filter {
  const wanted = new Set(codes.map((code) => system.find(code)).filter((one) => one >= 0));
  return { test: (concept) => wanted.has(concept), candidates: () => wanted };
}

/** The values of a property as texts; what every system has needs no definition. */
function reader(system: CodeSystem, property: string): (concept: number) => readonly string[] {
  const codes = (list: ArrayLike<number>) => Array.from(list, (one) => system.code(one));
  const maybe = (text: string | undefined) => (text === undefined ? [] : [text]);
  switch (property) {
    case 'code':
    case 'concept':
      return (concept) => [system.code(concept)];
    case 'display':
      return (concept) => maybe(system.display(concept));
    case 'definition':
      return (concept) => maybe(system.definition(concept));
    case 'parent':
      return (concept) => codes(system.parents(concept));
    case 'child':
      return (concept) => codes(system.children(concept));
    case 'inactive':
      return (concept) => [String(system.isInactive(concept))];
    case 'notSelectable':
    case 'abstract':
      return (concept) => [String(system.isAbstract(concept))];
    default:
      if (!system.hasProperty(property)) {
        refuseTerm('not-supported', `A filter names a property that ${system.url} does not have.`);
      }
      return (concept) => system.valuesOf(concept, property);
  }
}
