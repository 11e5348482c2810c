import { decimalFrom, decimalText, decimalValue, isDecimal } from '../decimal.ts';
import { condition } from './existence.ts';
import { type FhirNode, type Nodes, nothing, systemNode, systemTypeOf } from './node.ts';
import type { FunctionRule, FunctionTable } from './op.ts';
import { quantityNode, quantityOf } from './quantity.ts';
import { single } from './singleton.ts';
import { readTemporal, type TemporalKind } from './temporal.ts';

type Convert = (node: FhirNode, type: string | undefined) => FhirNode | undefined;

const trueWords = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const falseWords = new Set(['false', 'f', 'no', 'n', '0', '0.0']);

const toBoolean: Convert = ({ value }, type) => {
  const found = (answer: boolean) => systemNode('System.Boolean', answer);
  if (typeof value === 'boolean') return found(value);
  if (isDecimal(value)) {
    const number = decimalValue(value);
    return number === 1 ? found(true) : number === 0 ? found(false) : undefined;
  }
  if (type !== 'System.String' || typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  return trueWords.has(word) ? found(true) : falseWords.has(word) ? found(false) : undefined;
};

const toInteger: Convert = ({ value }, type) => {
  if (typeof value === 'boolean') return systemNode('System.Integer', value ? 1 : 0);
  if (type === 'System.Integer') return systemNode('System.Integer', value);
  if (type !== 'System.String' || typeof value !== 'string') return undefined;
  if (!/^[+-]?\d{1,20}$/.test(value)) return undefined;
  const number = Number(value);
  const fits = number <= 2_147_483_647 && number >= -2_147_483_648;
  return fits ? systemNode('System.Integer', number === 0 ? 0 : number) : undefined;
};

/** 400 digits are far beyond what R4 lets a decimal have. */
const decimalPattern = /^[+-]?\d{1,400}(?:\.\d{1,400})?$/;

const toDecimal: Convert = ({ value }, type) => {
  if (typeof value === 'boolean') return systemNode('System.Decimal', value ? 1 : 0);
  if (type === 'System.Integer' || type === 'System.Decimal') {
    return systemNode('System.Decimal', value);
  }
  if (type !== 'System.String' || typeof value !== 'string' || !decimalPattern.test(value)) {
    return undefined;
  }
  return systemNode('System.Decimal', decimalFrom(plainNumber(value)));
};

/** As JSON writes numbers: no plus sign, no zeros in front. */
function plainNumber(text: string): string {
  return text.replace(/^\+/, '').replace(/^(-?)0+(?=\d)/, '$1');
}

const quantityPattern =
  /^([+-]?\d{1,400}(?:\.\d{1,400})?)\s*(?:'([^']{1,100})'|(year|month|week|day|hour|minute|second|millisecond)s?)?$/;

const toQuantity: Convert = (node, type) => {
  if (typeof node.value === 'boolean') {
    return quantityNode({ value: node.value ? 1 : 0, unit: '1', calendar: false });
  }
  const quantity = quantityOf(node);
  if (quantity) return quantityNode(quantity);
  if (type !== 'System.String' || typeof node.value !== 'string') return undefined;
  const found = quantityPattern.exec(node.value);
  if (!found) return undefined;
  const [, number = '', unit, word] = found;
  const value = decimalFrom(plainNumber(number));
  return quantityNode({ value, unit: word ?? unit ?? '1', calendar: word !== undefined });
};

/** Undefined for a complex element, which has no text. */
export function textOfNode(node: FhirNode): string | undefined {
  const { value } = node;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (isDecimal(value)) return decimalText(value);
  const quantity = quantityOf(node);
  if (!quantity) return undefined;
  const { unit, calendar } = quantity;
  const number = decimalText(quantity.value);
  return calendar ? `${number} ${unit}${number === '1' ? '' : 's'}` : `${number} '${unit}'`;
}

const toText: Convert = (node) => {
  const text = textOfNode(node);
  return text === undefined ? undefined : systemNode('System.String', text);
};

/** `toDate` and the like: of a string, of the same type, of a dateTime its date, and back. */
function toTemporal(kind: TemporalKind, wanted: string): Convert {
  return ({ value }, type) => {
    if (typeof value !== 'string') return undefined;
    const dated = type === 'System.Date' || type === 'System.DateTime';
    const allowed = type === 'System.String' || type === wanted || (dated && kind !== 'time');
    if (!allowed) return undefined;
    const text = dated && kind === 'date' ? value.slice(0, 10) : value;
    return readTemporal(text, kind) ? systemNode(wanted, text) : undefined;
  };
}

const conversions: Readonly<Record<string, Convert>> = {
  Boolean: toBoolean,
  Integer: toInteger,
  Decimal: toDecimal,
  Quantity: toQuantity,
  String: toText,
  Date: toTemporal('date', 'System.Date'),
  DateTime: toTemporal('dateTime', 'System.DateTime'),
  Time: toTemporal('time', 'System.Time'),
};

function converted(input: Nodes, convert: Convert): FhirNode | undefined {
  const node = single(input);
  return node && node.value !== undefined ? convert(node, systemTypeOf(node)) : undefined;
}

function isInUnit(node: FhirNode, unit: string | undefined): boolean {
  return unit === undefined || quantityOf(node)?.unit === unit;
}

function rules(): Record<string, FunctionRule> {
  const table: Record<string, FunctionRule> = {};
  for (const [name, convert] of Object.entries(conversions)) {
    const most = name === 'Quantity' ? 1 : 0;
    table[`to${name}`] = {
      least: 0,
      most,
      compile: ([unit]) => ({
        nodes: (run, input) => {
          const node = converted(input, convert);
          const wanted = unit && textOfUnit(unit.nodes(run));
          return node && isInUnit(node, wanted) ? [node] : nothing;
        },
      }),
    };
    table[`convertsTo${name}`] = {
      least: 0,
      most,
      compile: ([unit]) =>
        condition((run, input) => {
          if (input.length === 0) return undefined;
          const node = converted(input, convert);
          return node !== undefined && isInUnit(node, unit && textOfUnit(unit.nodes(run)));
        }),
    };
  }
  return table;
}

function textOfUnit(nodes: Nodes): string | undefined {
  const value = single(nodes)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** N1 section Conversion. */
export const conversionFunctions: FunctionTable = rules();
