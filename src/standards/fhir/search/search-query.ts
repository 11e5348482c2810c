import type {
  BooleanClause,
  OpenedClause,
  ResolvedClause,
  UriBelowClause,
} from './opened-clause.ts';

/** A parsed search: what the records context turns into SQL. */
export type SearchQuery = {
  type: string;
  /** All must hold. */
  where: Clause[];
  /**
   * A search over several types (`type` is then 'Resource', `where` empty): what must hold of each.
   */
  types?: { type: string; where: Clause[] }[];
  sort: SortKey[];
  /** Asked page size; undefined when not asked. */
  count?: number;
  total: 'none' | 'estimate' | 'accurate';
  include: Include[];
  revinclude: Include[];
  summary: 'false' | 'true' | 'text' | 'data' | 'count';
  elements: string[];
  /** `_explain=true`: say how the search is answered instead of answering it. */
  explain: boolean;
  /** `_asOf`: an instant as written; the answer is the one of that instant. */
  asOf?: string;
  /** Opaque paging cursor (`_cursor`). */
  cursor?: string;
  /**
   * Names of parameters ignored under `Prefer: handling=lenient`; never their values, which may be
   * PHI.
   */
  ignored: string[];
  /** What was reduced, in words for the caller: a `_count` above the largest page. */
  limited?: string[];
  /** The pairs that were understood, in order, for the self link (without the cursor). */
  used: [name: string, value: string][];
};

/**
 * `params`: where the values stand if under several or other parameters than `param` (name,
 * phonetic).
 */
export type SortKey = {
  param: string;
  kind: SearchKind | 'id' | 'updated';
  descending: boolean;
  params?: string[];
};
/**
 * `param` is an index parameter (`subject` with target Patient for `patient`), or `*` for all of
 * the source.
 */
export type Include = { source: string; param: string; target?: string; iterate: boolean };

export type SearchKind =
  | 'token'
  | 'string'
  | 'uri'
  | 'reference'
  | 'date'
  | 'birth-date'
  | 'quantity'
  | 'number'
  | 'composite'
  | 'special';

export type Clause =
  | { on: 'id'; not: boolean; ids: string[] }
  | { on: 'updated'; ranges: DateTest[] }
  /**
   * `params`: the index parameters to look under (one; several where a parameter is the union of
   * others, as combo-code is). Values are alternatives.
   */
  /**
   * of-type: `params` are the `identifier:of-type` rows, `system` is `type system|type code`: a
   * plain comparison.
   */
  | { on: 'token'; name: string; params: string[]; modifier: TokenModifier; values: TokenTest[] }
  /** Values are normalized, 1 to 32 code points; for `exact` as written. */
  | { on: 'string'; name: string; params: string[]; modifier: '' | 'exact'; values: string[] }
  | { on: 'uri'; name: string; params: string[]; not: boolean; values: string[] }
  | { on: 'reference'; name: string; params: string[]; not: boolean; values: ReferenceTest[] }
  | { on: 'date'; name: string; params: string[]; values: DateTest[] }
  | { on: 'birth-date'; name: string; params: string[]; values: BirthDateTest[] }
  | { on: 'quantity'; name: string; params: string[]; values: QuantityTest[] }
  | BooleanClause
  | UriBelowClause
  | OpenedClause
  | ResolvedClause
  /** Composite over the resource's root: `parts` must all hold for one alternative of `values`. */
  | { on: 'all-of-one'; name: string; values: Clause[][] }
  /** Composite over a repeating element: parts are tests on the keyed rows of `param`. */
  | { on: 'composite'; name: string; param: string; values: CompositeTest[] }
  /** Present if any of `params` is (numbers of `presence`). */
  | { on: 'missing'; name: string; params: string[]; missing: boolean }
  /**
   * Forward chain: the reference's target (of one of `targets`) satisfies `then` (a clause on that
   * type).
   */
  | {
      on: 'chain';
      name: string;
      params: string[];
      alternatives: { target: string; then: Clause }[];
    }
  /**
   * Reverse chain: some resource of `source` whose reference `params` points here satisfies `then`.
   */
  | { on: 'has'; name: string; source: string; params: string[]; then: Clause };

export type TokenModifier = '' | 'not' | 'of-type';
/** system undefined: any; '': must have none. code undefined: any code of the system. */
export type TokenTest = { system?: string; code?: string };
/**
 * `types`: the possible types when the value was only an id. `identifier` for the :identifier
 * modifier.
 */
export type ReferenceTest =
  | { id: string; types: string[] }
  | { url: string }
  | { identifier: TokenTest };
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';
/**
 * low and high in ms: the inclusive bounds of the value as written; `margin`, ms, is how far `ap`
 * reaches beyond them (`approximateDate`).
 */
export type DateTest = { prefix: Prefix; low: number; high: number; margin?: number };
/** value as written, a time included if it has one. */
export type BirthDateTest = { prefix: Prefix; value: string; margin?: number };
/**
 * system, code: as in TokenTest ('number' parameters leave both undefined); a code without a system
 * is the unit's code or its text (search.html#quantity: `5.4||mg`). low and high are the written
 * precision's bounds.
 */
export type QuantityTest = {
  prefix: Prefix;
  value: number;
  low: number;
  high: number;
  system?: string;
  code?: string;
  /** The same test in `canonical` units: it is compared with `QuantityValue.canonical` instead. */
  canonical?: CanonicalQuantity;
};
/** An amount in the one unit its dimension is compared in; `unit` is a UCUM code. */
export type CanonicalQuantity = { value: number; low: number; high: number; unit: string };
export type CompositeTest = {
  token: TokenTest;
  /** The second part; every R4 composite that repeats begins with a token. */
  then:
    | { on: 'token'; test: TokenTest }
    | { on: 'string'; value: string }
    | { on: 'date'; test: DateTest }
    | { on: 'quantity'; test: QuantityTest }
    | { on: 'reference'; test: ReferenceTest };
};
