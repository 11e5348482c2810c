import { minus, over, plus, type Rational, rational, times, toNumber } from './rational.ts';
import { parseUnit, type Unit } from './unit.ts';

/** The system of UCUM codes in FHIR (R4 terminologies-systems.html). */
export const ucumSystem = 'http://unitsofmeasure.org';

/**
 * The unit each dimension is compared in: the one most measurements are written in, so that they
 * need no second row. A dimension without one here is compared in its base units. The first unit of
 * a dimension counts.
 */
const preferred = `% mm[Hg] /min Cel kg cm kg/m2 L mmol/L mg/dL 10*3/uL U/L [iU]/L mL/min
  mL/min/{1.73_m2} m2 d g/d mmol mmol/d ms J W V A mL/kg mg/kg mg/kg/d ug/kg/min mg/m2 mL/kg/h [pH]
  cm2 deg N Gy Bq lx dB km/h L/min/m2 dyn.s/cm5 pg [iU] U mg/g mmol/mol mmol/kg mosm/kg`
  .trim()
  .split(/\s+/);
let byDimension: ReadonlyMap<string, { code: string; unit: Unit }> | undefined;

function canonicalUnits() {
  if (byDimension) return byDimension;
  const found = new Map<string, { code: string; unit: Unit }>();
  for (const code of preferred) {
    const unit = parseUnit(code);
    if (unit && !found.has(unit.dimension)) found.set(unit.dimension, { code, unit });
  }
  byDimension = found;
  return found;
}

export type Conversion = {
  /** The UCUM code amounts are compared in. */
  readonly unit: string;
  /** Of a number in the unit as written; ±Infinity stays, and so does the order. */
  convert(amount: number): number;
};
const conversions = new Map<string, Conversion | undefined>();
/** Codes remembered; a hospital uses some hundreds. */
const maxConversions = 2000;

/**
 * How amounts of a UCUM code become comparable with those of every unit of the same dimension.
 * Undefined for what is not a UCUM code, and for one that is only an annotation: a {score} is
 * comparable with nothing but itself.
 */
export function canonicalConversion(code: string): Conversion | undefined {
  if (conversions.has(code)) return conversions.get(code);
  const found = conversionOf(code);
  if (conversions.size >= maxConversions) conversions.clear();
  conversions.set(code, found);
  return found;
}

function conversionOf(code: string): Conversion | undefined {
  if (/^(?:\{[^}]*\})?$/.test(code)) return undefined;
  const from = parseUnit(code);
  if (!from) return undefined;
  const to = canonicalUnits().get(from.dimension);
  const unit = to?.code ?? from.dimension;
  if (unit === code) return { unit, convert: (amount) => amount };
  return { unit, convert: (amount) => converted(amount, from, to?.unit) };
}

const none: Rational = { n: 0n, d: 1n };

function converted(amount: number, from: Unit, to: Unit | undefined): number {
  const exact = rational(String(amount));
  if (!exact) return amount;
  const base = times(plus(exact, from.offset ?? none), from.factor);
  return toNumber(to ? minus(over(base, to.factor), to.offset ?? none) : base);
}
