import type { Hasher } from '#phi';
import { refuse } from '../../platform/problem.ts';
import { birthDateBuckets } from '../../standards/fhir/search/birth-date.ts';
import { hasTrigrams } from '../../standards/fhir/search/has-trigrams.ts';
import type {
  IndexValue,
  QuantityValue,
  StringValue,
  TokenValue,
} from '../../standards/fhir/search/index-value.ts';
import {
  normalizeString,
  stringPrefixes,
  stringTrigrams,
} from '../../standards/fhir/search/normalize.ts';
import { hasUriAncestors, uriAncestors } from '../../standards/fhir/search/uri-path.ts';
import {
  canonicalName,
  rangeKey,
  referenceNumber,
  selfName,
  systemName,
  unitName,
  urlName,
  valueName,
} from './blind-name.ts';
import { recordKinds } from './problems.ts';
import { dateKey, quantityKey } from './span-key.ts';
import { isStoredParam } from './stored-param.ts';

/** What a record's version puts into the search tables: hashes, instants and numbers only. */
export type IndexRows = {
  tokens: TokenRow[];
  references: ReferenceRow[];
  periods: PeriodRow[];
  quantities: QuantityRow[];
};
export type TokenRow = { hash: bigint; system: number };
export type ReferenceRow = { target: bigint; param: number };
/** ms since 1970, inclusive; ±Infinity where open. */
export type PeriodRow = { key: bigint; low: number; high: number };
export type QuantityRow = { key: bigint; low: number; high: number; unit: number; code: number };

export function emptyRows(): IndexRows {
  return { tokens: [], references: [], periods: [], quantities: [] };
}

/**
 * Rows of a resource that is written, doubles included: 0.4 s to make. A patient has some hundred;
 * a Group or List has one or two for each member, a CodeSystem one for each concept.
 */
export const MOST_ROWS = 100_000;

/** The rows of one resource, without doubles; `most`: refused beyond. */
export function indexRows(
  hash: Hasher,
  type: string,
  values: readonly IndexValue[],
  most = Number.POSITIVE_INFINITY,
): IndexRows {
  const rows = emptyRows();
  const writer: Writer = { hash, type, rows };
  for (const value of values) {
    add(writer, value);
    if (isStoredParam(value.param)) addStored(writer, value);
    if (countRows(rows) > most) refuse(recordKinds.tooCostly, tooMany);
  }
  return {
    tokens: distinct(rows.tokens, tokenText),
    references: distinct(rows.references, referenceText),
    periods: distinct(rows.periods, periodText),
    quantities: distinct(rows.quantities, quantityText),
  };
}

const tooMany = `More to search by than ${MOST_ROWS} index rows hold: split the resource.`;

function countRows({ tokens, references, periods, quantities }: IndexRows): number {
  return tokens.length + references.length + periods.length + quantities.length;
}

/** Rows of `after` that `before` lacks, and the other way round. */
export function compareRows(before: IndexRows, after: IndexRows) {
  if (countRows(before) === 0) return { gone: before, come: after };
  return {
    gone: subtract(before, after),
    come: subtract(after, before),
  };
}

type Writer = { hash: Hasher; type: string; rows: IndexRows };

function add(to: Writer, value: IndexValue): void {
  switch (value.kind) {
    case 'token':
      to.rows.tokens.push(tokenRow(to, value, value.code));
      return;
    case 'string':
      addString(to, value.param, value);
      return;
    case 'uri':
      addUri(to, value.param, value.value);
      return;
    case 'reference':
      addReference(to, value.param, value);
      return;
    case 'date':
      addPeriod(to, value.param, '', value);
      return;
    case 'birth-date':
      for (const bucket of birthDateBuckets(value.value)) {
        to.rows.tokens.push({ hash: name(to, value.param, bucket), system: 0 });
      }
      return;
    case 'quantity':
      addQuantity(to, value.param, '', value);
      return;
    case 'composite':
      addComposite(to, value.param, value.parts);
  }
}

/** What R4's parameters have columns and numbers for: that there is a value, and its system. */
function addStored(to: Writer, value: IndexValue): void {
  const texts = [presentText];
  if (value.kind === 'token') texts.push(systemText(value.system));
  for (const text of texts) {
    to.rows.tokens.push({ hash: name(to, value.param, text), system: 0 });
  }
}

/** No value is written like these: a code has no line feed. */
export const presentText = '\n';
export const systemText = (system: string) => `\n${system}`;

function name(to: Writer, param: string, value: string): bigint {
  return valueName(to.hash, to.type, param, value);
}

function tokenRow(to: Writer, token: TokenValue, text: string): TokenRow {
  return { hash: name(to, token.param, text), system: systemName(to.hash, token.system) };
}

/** `=` marks the whole string as written, `^` a prefix of its normal form, `~` a trigram of it. */
function addString(to: Writer, param: string, { value, words }: StringValue): void {
  const add = (text: string) => to.rows.tokens.push({ hash: name(to, param, text), system: 0 });
  const normal = normalizeString(value);
  add(`=${value}`);
  for (const prefix of stringPrefixes(normal, words === true)) add(`^${prefix}`);
  if (!hasTrigrams(to.type, param)) return;
  for (const trigram of stringTrigrams(normal)) add(`~${trigram}`);
}

/** As written, and with a slash before them the addresses it stands beneath. */
function addUri(to: Writer, param: string, uri: string): void {
  to.rows.tokens.push({ hash: name(to, param, uri), system: 0 });
  if (!hasUriAncestors(param)) return;
  for (const above of uriAncestors(uri)) {
    to.rows.tokens.push({ hash: name(to, param, `/${above}`), system: 0 });
  }
}

function addReference(
  to: Writer,
  param: string,
  value: { type: string; id: string; url?: string },
) {
  const target =
    value.url === undefined ? selfName(to.hash, value.type, value.id) : urlName(to.hash, value.url);
  to.rows.references.push({ target, param: referenceNumber(to.hash, to.type, param) });
}

function addPeriod(to: Writer, param: string, part: string, value: { low: number; high: number }) {
  const key = rangeKey(to.hash, to.type, param, part);
  to.rows.periods.push({
    key: dateKey(key, value.low, value.high),
    low: value.low,
    high: value.high,
  });
}

type Measured = Pick<QuantityValue, 'low' | 'high' | 'system' | 'code' | 'unit' | 'canonical'>;

function addQuantity(to: Writer, param: string, part: string, value: Measured): void {
  const { low, high, system, code, unit, canonical } = value;
  const plain = rangeKey(to.hash, to.type, param, part);
  const key = quantityKey(plain, low, high);
  const row = { key, low, high, unit: code === '' ? 0 : unitName(to.hash, system, code) };
  to.rows.quantities.push({ ...row, code: unitName(to.hash, '', code === '' ? unit : code) });
  // R4 search.html#quantity: `5.4||mg` asks for the code or the unit as people write it.
  if (code !== '' && unit !== '' && unit !== code) {
    to.rows.quantities.push({ ...row, code: unitName(to.hash, '', unit) });
  }
  // Where it is measured in that unit the row as written says it: code 0 is nobody's own.
  if (canonical !== undefined && canonical.unit !== code) {
    const measure = { unit: canonicalName(to.hash, canonical.unit), code: 0 };
    const range = { low: canonical.low, high: canonical.high };
    to.rows.quantities.push({
      key: quantityKey(plain, range.low, range.high),
      ...range,
      ...measure,
    });
  }
}

/** Rows keyed by the first part's token, once with its system and once by code alone. */
function addComposite(to: Writer, param: string, parts: readonly IndexValue[]): void {
  const [first, second] = parts;
  if (first?.kind !== 'token' || second === undefined) return;
  for (const part of compositeParts(first)) {
    if (second.kind === 'date') addPeriod(to, param, part, second);
    else if (second.kind === 'quantity') addQuantity(to, param, part, second);
    else for (const text of secondTexts(second)) addPair(to, param, part, text);
  }
}

function addPair(to: Writer, param: string, part: string, text: string): void {
  to.rows.tokens.push({ hash: name(to, param, `${part}\u0000${text}`), system: 0 });
}

/** How a composite's first token is written into its keys. */
export function compositeParts(token: { system: string; code: string }): string[] {
  return [`${token.system}|${token.code}`, `*|${token.code}`];
}

function secondTexts(second: IndexValue): string[] {
  if (second.kind === 'token') return compositeParts(second);
  if (second.kind === 'string') return stringPrefixes(normalizeString(second.value));
  if (second.kind === 'reference') return [second.url ?? `${second.type}/${second.id}`];
  if (second.kind === 'uri') return [second.value];
  return [];
}

const tokenText = (row: TokenRow) => `${row.hash},${row.system}`;
const referenceText = (row: ReferenceRow) => `${row.target},${row.param}`;
const periodText = (row: PeriodRow) => `${row.key},${row.low},${row.high}`;
const quantityText = (row: QuantityRow) =>
  `${row.key},${row.low},${row.high},${row.unit},${row.code}`;

function distinct<Row>(rows: Row[], text: (row: Row) => string): Row[] {
  return rows.length < 2 ? rows : [...new Map(rows.map((row) => [text(row), row])).values()];
}

function subtract(from: IndexRows, these: IndexRows): IndexRows {
  const without = <Row>(some: Row[], others: Row[], text: (row: Row) => string) => {
    const known = new Set(others.map(text));
    return some.filter((row) => !known.has(text(row)));
  };
  return {
    tokens: without(from.tokens, these.tokens, tokenText),
    references: without(from.references, these.references, referenceText),
    periods: without(from.periods, these.periods, periodText),
    quantities: without(from.quantities, these.quantities, quantityText),
  };
}
