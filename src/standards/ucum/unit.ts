import { one, power, type Rational, rational, times } from './rational.ts';
import { derivedUnits, ownUnits } from './unit-table.ts';

/**
 * An amount in this unit is `(amount + offset) * factor` in its base units; `dimension` names them
 * with their exponents: `g.m-3`, '' for a number.
 */
export type Unit = { readonly factor: Rational; readonly dimension: string; offset?: Rational };
/** A unit inside of a product: by base unit its exponent. */
type Product = { factor: Rational; exponents: Map<string, number> };
type Atom = { metric: boolean; factor: string; unit: string };

/** Characters of a code; the longest of the 1364 units R4 suggests has 39. */
const maxLength = 100;
/** Of one unit in a product, and units in a product: they bound the size of the factor. */
const maxExponent = 20;
const maxParts = 20;

const prefixes = new Map(
  Object.entries({
    ...{ Y: '1e24', Z: '1e21', E: '1e18', P: '1e15', T: '1e12', G: '1e9', M: '1e6', k: '1e3' },
    ...{ h: '1e2', da: '1e1', d: '1e-1', c: '1e-2', m: '1e-3', u: '1e-6', n: '1e-9', p: '1e-12' },
    ...{ f: '1e-15', a: '1e-18', z: '1e-21', y: '1e-24' },
    ...{ Ki: '1024', Mi: '1048576', Gi: '1073741824', Ti: '1099511627776' },
  }),
);
/** Temperatures whose zero is not 0 K (UCUM §22). */
const scales = new Map(
  Object.entries({
    Cel: { factor: one, offset: { n: 27_315n, d: 100n } },
    '[degF]': { factor: { n: 5n, d: 9n }, offset: { n: 45_967n, d: 100n } },
    '[degRe]': { factor: { n: 5n, d: 4n }, offset: { n: 21_852n, d: 100n } },
  }),
);
const pi = { n: 31_415_926_535_897_932_384_626_433_832_795n, d: 10n ** 31n };

let table: ReadonlyMap<string, Atom> | undefined;
const products = new Map<string, Product>();

function atoms(): ReadonlyMap<string, Atom> {
  if (table) return table;
  const found = new Map<string, Atom>();
  for (const entry of derivedUnits.split(';')) {
    const [code = '', factor = '', unit = ''] = entry.trim().split(' ');
    add(found, code, factor, unit);
  }
  for (const code of ownUnits.trim().split(/\s+/)) add(found, code, '1', '');
  table = found;
  return found;
}

function add(to: Map<string, Atom>, code: string, factor: string, unit: string): void {
  const metric = code.endsWith('!');
  to.set(metric ? code.slice(0, -1) : code, { metric, factor, unit });
}

/**
 * Reads a case-sensitive UCUM code (ucum.org, §4 to §12): `mg/dL`, `10*3/uL`, `kg.m/s2`,
 * `{beats}/min`, `Cel`. Undefined for what is not one, for a temperature scale inside a product,
 * for more than 100 characters or 20 units.
 */
export function parseUnit(code: string): Unit | undefined {
  if (code.length > maxLength) return undefined;
  const scale = scales.get(code);
  if (scale) return { ...scale, dimension: 'K' };
  const reader = { code, at: 0, parts: 0 };
  const product = readTerm(reader);
  if (!product || reader.at < code.length) return undefined;
  return { factor: product.factor, dimension: dimensionOf(product.exponents) };
}

function dimensionOf(exponents: ReadonlyMap<string, number>): string {
  const used = [...exponents].filter(([, exponent]) => exponent !== 0);
  const named = used.map(([base, exponent]) => (exponent === 1 ? base : `${base}${exponent}`));
  return named.sort().join('.');
}

type Reader = { code: string; at: number; parts: number };

/** Components joined by `.` and `/`, from left to right; one may begin with `/`. */
function readTerm(reader: Reader): Product | undefined {
  const { code } = reader;
  const term: Product = { factor: one, exponents: new Map() };
  let sign = 1;
  if (code[reader.at] === '/') {
    sign = -1;
    reader.at += 1;
  }
  for (;;) {
    const component = readComponent(reader);
    if (!component) return undefined;
    multiply(term, component, sign);
    const next = code[reader.at];
    if (next !== '.' && next !== '/') return term;
    sign = next === '/' ? -1 : 1;
    reader.at += 1;
  }
}

function readComponent(reader: Reader): Product | undefined {
  if (++reader.parts > maxParts) return undefined;
  const { code } = reader;
  if (code[reader.at] === '(') {
    reader.at += 1;
    const inner = readTerm(reader);
    if (code[reader.at] !== ')') return undefined;
    reader.at += 1;
    return readAnnotation(reader) === undefined ? undefined : inner;
  }
  const end = symbolEnd(code, reader.at);
  const symbol = code.slice(reader.at, end);
  reader.at = end;
  const annotated = readAnnotation(reader);
  if (annotated === undefined) return undefined;
  if (symbol === '') return annotated ? { factor: one, exponents: new Map() } : undefined;
  return readSymbol(symbol);
}

/** `[in_i'H2O]` and `B[10.nV]` hold signs that end a symbol elsewhere. */
function symbolEnd(code: string, from: number): number {
  let bracket = false;
  let at = from;
  for (; at < code.length; at++) {
    const sign = code[at] ?? '';
    if (sign === '[') bracket = true;
    else if (sign === ']') bracket = false;
    else if (!bracket && './(){}'.includes(sign)) break;
  }
  return at;
}

/** Whether there was one; undefined if it does not end. */
function readAnnotation(reader: Reader): boolean | undefined {
  if (reader.code[reader.at] !== '{') return false;
  const end = reader.code.indexOf('}', reader.at);
  if (end < 0) return undefined;
  reader.at = end + 1;
  return true;
}

function readSymbol(symbol: string): Product | undefined {
  if (/^\d+$/.test(symbol)) {
    const factor = rational(symbol);
    return factor && factor.n > 0n ? { factor, exponents: new Map() } : undefined;
  }
  const [, name = symbol, digits = '1'] = /^(.*[^\d+-])([+-]?\d{1,3})$/.exec(symbol) ?? [];
  const exponent = Number(digits);
  if (Math.abs(exponent) > maxExponent) return undefined;
  const found = simpleUnit(name);
  if (!found) return undefined;
  const exponents = new Map([...found.exponents].map(([base, size]) => [base, size * exponent]));
  return { factor: power(found.factor, exponent), exponents };
}

function simpleUnit(name: string): Product | undefined {
  if (name === '10*' || name === '10^') return { factor: { n: 10n, d: 1n }, exponents: new Map() };
  if (name === '[pi]') return { factor: pi, exponents: new Map() };
  const whole = product(name);
  if (whole) return whole;
  for (const length of [2, 1]) {
    const prefix = rational(prefixes.get(name.slice(0, length)) ?? '');
    const base = name.slice(length);
    const found = prefix && atoms().get(base)?.metric ? product(base) : undefined;
    if (prefix && found) return { ...found, factor: times(prefix, found.factor) };
  }
  return undefined;
}

/** A unit of the table in base units, worked out once. */
function product(name: string): Product | undefined {
  const known = products.get(name);
  if (known) return known;
  const atom = atoms().get(name);
  if (!atom) return undefined;
  const own: Product = { factor: one, exponents: new Map([[name, 1]]) };
  const found = atom.unit === '' ? own : readTerm({ code: atom.unit, at: 0, parts: 0 });
  const factor = rational(atom.factor);
  if (!found || !factor) throw new Error(`The unit table does not define ${name}.`);
  const complete = { ...found, factor: times(factor, found.factor) };
  products.set(name, complete);
  return complete;
}

function multiply(term: Product, by: Product, sign: number): void {
  term.factor = times(term.factor, power(by.factor, sign));
  for (const [base, exponent] of by.exponents) {
    term.exponents.set(base, (term.exponents.get(base) ?? 0) + sign * exponent);
  }
}
