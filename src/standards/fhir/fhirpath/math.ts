import { decimalFrom, decimalText, decimalValue } from '../decimal.ts';
import { wholePath } from './arithmetic.ts';
import { type Decimal, exact, fromExact, roundDecimal, wholeDecimal } from './decimal-math.ts';
import { type Nodes, nothing, systemTypeOf } from './node.ts';
import type { FunctionRule, FunctionTable } from './op.ts';
import { quantityNode, quantityOf } from './quantity.ts';
import { FhirPathRefused } from './refused.ts';
import { decimalPath, doubleOf, integerOf, numberOf, single } from './singleton.ts';

/** A function of one number, and perhaps of a second. */
function ofNumber(
  most: 0 | 1,
  compute: (value: Decimal, whole: boolean, second: Nodes) => Nodes,
): FunctionRule {
  return {
    least: 0,
    most,
    compile: ([argument]) => ({
      nodes: (run, input) => {
        const number = numberOf(input);
        const second = argument?.nodes(run) ?? nothing;
        return number ? compute(number.value, number.whole, second) : nothing;
      },
    }),
  };
}

/** N1: a result that is no number, such as the root of a negative one, is empty. */
function approximate(value: number): Nodes {
  if (!Number.isFinite(value)) return nothing;
  return decimalPath(fromExact(exact(decimalFrom(String(value)))));
}

function absolute(input: Nodes): Nodes {
  const node = single(input);
  if (node && systemTypeOf(node) === 'System.Quantity') {
    const quantity = quantityOf(node);
    return quantity ? [quantityNode({ ...quantity, value: positive(quantity.value) })] : nothing;
  }
  const number = numberOf(input);
  if (!number) return nothing;
  const value = positive(number.value);
  return number.whole ? wholePath(value) : decimalPath(value);
}

function positive(value: Decimal): Decimal {
  const text = decimalText(value);
  return text.startsWith('-') ? decimalFrom(text.slice(1)) : value;
}

/** Digits a result can be rounded to. */
const mostDigits = 100;

function rounded(value: Decimal, digits: Nodes): Nodes {
  const count = digits.length === 0 ? 0 : (integerOf(digits) ?? 0);
  if (count < 0 || count > mostDigits) {
    throw new FhirPathRefused('execution', `round takes 0 to ${mostDigits} digits.`);
  }
  return decimalPath(roundDecimal(value, count));
}

function power(value: Decimal, whole: boolean, exponent: Nodes): Nodes {
  const other = numberOf(exponent);
  if (!other) return nothing;
  const result = decimalValue(value) ** decimalValue(other.value);
  const integer = whole && other.whole && Number.isSafeInteger(result);
  return integer ? wholePath(result) : approximate(result);
}

const whole = (direction: 'truncate' | 'floor' | 'ceiling') =>
  ofNumber(0, (value) => wholePath(wholeDecimal(value, direction)));

const real = (compute: (value: number) => number) =>
  ofNumber(0, (value) => approximate(compute(decimalValue(value))));

/** N1 section Math. */
export const mathFunctions: FunctionTable = {
  abs: { least: 0, most: 0, compile: () => ({ nodes: (_, input) => absolute(input) }) },
  ceiling: whole('ceiling'),
  floor: whole('floor'),
  truncate: whole('truncate'),
  exp: real(Math.exp),
  ln: real(Math.log),
  sqrt: real(Math.sqrt),
  log: {
    ...ofNumber(1, (value, _, base) => {
      const number = doubleOf(base);
      return number === undefined ? nothing : approximate(logarithm(decimalValue(value), number));
    }),
    least: 1,
  },
  power: { ...ofNumber(1, power), least: 1 },
  round: ofNumber(1, (value, _, digits) => rounded(value, digits)),
};

/** Exact where the platform is: log(16, 2) is 4. */
function logarithm(value: number, base: number): number {
  if (base === 2) return Math.log2(value);
  return base === 10 ? Math.log10(value) : Math.log(value) / Math.log(base);
}
