import { answerCodes, type Coded } from './answer-codes.ts';
import { extractIndex } from './extract.ts';
import type { IndexValue } from './index-value.ts';
import { dateMatches } from './match.ts';
import { contentTexts, isNear, narrativeText, shownTexts, wordsAnswer } from './match-text.ts';
import {
  compositeAnswers,
  isUnder,
  references,
  type ValueClause,
  valueAnswers,
} from './match-value.ts';
import { normalizeString } from './normalize.ts';
import type { ResolvedClause, WordsClause } from './opened-clause.ts';
import { presence, presentMask } from './parameter.ts';
import type { SearchRegistry } from './registry.ts';
import type { Clause } from './search-query.ts';

export type Matchable = { readonly resourceType: string; readonly id?: string };

/** What a resource is compared within. Whatever a clause needs and is missing is thrown about. */
export type MatchContext = {
  /** The store's base address without a slash at its end. */
  own?: string;
  registry?: SearchRegistry;
  /** ms since 1970, for `_lastUpdated`; else that of `meta.lastUpdated`. */
  updatedAt?: number;
  /** The resource a chain leads to. */
  resolve?(type: string, id: string): Matchable | undefined;
  /** Every resource of a type, for `_has` and `_list`. */
  all?(type: string): Iterable<Matchable>;
  /** The codes of a value set, or above or below a code. */
  codes?(clause: ResolvedClause): readonly Coded[];
};

/**
 * Whether a resource answers a clause, told from its content alone: what hashed rows can not tell,
 * and what every other way of answering must agree with. R4 search.html. A chain or `_has` needs
 * `resolve` and `all`, a value set `codes`; without them they throw.
 */
export function matchesClause(
  resource: Matchable,
  clause: Clause,
  context: MatchContext = {},
): boolean {
  const holds = (one: Clause): boolean => matchesClause(resource, one, context);
  switch (clause.on) {
    case 'and':
      return clause.clauses.every(holds);
    case 'or':
      return clause.clauses.some(holds);
    case 'not':
      return !holds(clause.clause);
    case 'all-of-one':
      return clause.values.some((parts) => parts.every(holds));
    case 'id':
      return clause.ids.includes(resource.id ?? '') !== clause.not;
    case 'updated': {
      const at = updatedAt(resource, context);
      return clause.ranges.some((test) => dateMatches(test, { low: at, high: at }));
    }
    case 'missing':
      return isPresent(resource, clause.params, context) !== clause.missing;
    case 'chain':
    case 'has':
      return linkHolds(resource, clause, context);
    case 'value-set':
    case 'subsumption': {
      const codes = needed(context.codes, 'codes')(clause);
      return holds(answerCodes(resource.resourceType, clause, codes, context.registry));
    }
    default:
      return contentHolds(resource, clause, context);
  }
}

type ContentClause =
  | ValueClause
  | Extract<Clause, { on: 'composite' | 'text' | 'words' | 'near' | 'unequal' }>;

function contentHolds(resource: Matchable, clause: ContentClause, context: MatchContext): boolean {
  switch (clause.on) {
    case 'composite': {
      const rows = valuesOf(resource, context).filter((value) => value.param === clause.param);
      return clause.values.some((test) => rows.some((value) => compositeAnswers(value, test)));
    }
    case 'text': {
      const texts = shownTexts(resource).filter((value) => clause.params.includes(value.param));
      return texts.some(
        (one) =>
          one.kind === 'string' &&
          clause.values.some((text) => normalizeString(one.value).startsWith(text)),
      );
    }
    case 'words': {
      const texts = textsOf(resource, clause, context);
      return clause.values.some((one) => wordsAnswer(texts, one));
    }
    case 'near':
      return clause.values.some((test) => isNear(resource, test));
    case 'unequal': {
      const { than, params } = clause;
      const values = valuesOf(resource, context).filter((one) => params.includes(one.param));
      if (!isValueClause(than)) return values.length > 0 && !matchesClause(resource, than, context);
      return values.some((value) => !valueAnswers(value, than));
    }
    default: {
      const values = valuesOf(resource, context);
      const found = values.some((value) => isUnder(value, clause) && valueAnswers(value, clause));
      const not = 'not' in clause ? clause.not : clause.on === 'token' && clause.modifier === 'not';
      return found !== not;
    }
  }
}

const valueKinds = new Set(
  'token string uri reference date birth-date quantity substring uri-below canonical-below'.split(
    ' ',
  ),
);

function isValueClause(clause: Clause): clause is ValueClause {
  return valueKinds.has(clause.on);
}

function textsOf(resource: Matchable, clause: WordsClause, context: MatchContext): string[] {
  if (clause.of === 'narrative') return [narrativeText(resource)];
  if (clause.of === 'content') return [narrativeText(resource), ...contentTexts(resource)];
  const values = valuesOf(resource, context).filter((one) => clause.params.includes(one.param));
  return values.flatMap((one) => (one.kind === 'string' ? one.value : []));
}

function linkHolds(
  resource: Matchable,
  clause: Extract<Clause, { on: 'chain' | 'has' }>,
  context: MatchContext,
): boolean {
  const { params } = clause;
  if (clause.on === 'chain') {
    const resolve = needed(context.resolve, 'resolve');
    return references(valuesOf(resource, context), params).some((to) =>
      clause.alternatives.some(({ target, then }) => {
        if (to.url !== undefined || to.type !== target) return false;
        const other = resolve(to.type, to.id);
        return other !== undefined && matchesClause(other, then, context);
      }),
    );
  }
  for (const other of needed(context.all, 'all')(clause.source)) {
    const points = references(valuesOf(other, context), params).some(
      (to) => to.url === undefined && to.type === resource.resourceType && to.id === resource.id,
    );
    if (points && matchesClause(other, clause.then, context)) return true;
  }
  return false;
}

function needed<Part>(part: Part | undefined, name: string): Part {
  if (part === undefined) throw new Error(`The clause can not be told without ${name}.`);
  return part;
}

function isPresent(resource: Matchable, params: readonly string[], context: MatchContext): boolean {
  const { resourceType } = resource;
  const values = valuesOf(resource, context);
  const mask = presentMask(values, resourceType);
  const numbers = presence(resourceType);
  return params.some((param) => {
    const bit = numbers.get(param);
    if (bit === undefined) return values.some((value) => value.param === param);
    return (mask & (1n << BigInt(bit))) !== 0n;
  });
}

function updatedAt(resource: Matchable, context: MatchContext): number {
  const { meta } = resource as { meta?: { lastUpdated?: string } };
  return context.updatedAt ?? Date.parse(meta?.lastUpdated ?? '');
}

type Extracted = { values: IndexValue[]; own?: string; registry?: SearchRegistry };
const extracted = new WeakMap<Matchable, Extracted>();

/** A resource is asked several clauses in a row; it is read once. */
function valuesOf(resource: Matchable, { own, registry }: MatchContext): IndexValue[] {
  const known = extracted.get(resource);
  if (known && known.own === own && known.registry === registry) return known.values;
  const values = extractIndex(resource, own, registry);
  extracted.set(resource, { values, ...(own && { own }), ...(registry && { registry }) });
  return values;
}
