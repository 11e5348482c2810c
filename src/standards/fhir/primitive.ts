import { decimalValue, isDecimal } from './decimal.ts';

/** Undefined when the JSON value is one of the type; otherwise what was expected instead. */
export type PrimitiveCheck = (value: unknown) => string | undefined;

/** R4 datatypes.html#string: strings SHALL NOT exceed 1 MB. */
const longestString = 1_048_576;
const year = '(?!0000)[0-9]{4}';
const month = '(?:0[1-9]|1[0-2])';
const day = '(?:0[1-9]|[12][0-9]|3[01])';
const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?';
const zone = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))';

const datePattern = new RegExp(`^${year}(?:-${month}(?:-${day})?)?$`);
const dateTimePattern = new RegExp(`^${year}(?:-${month}(?:-${day}(?:T${clock}${zone})?)?)?$`);
const instantPattern = new RegExp(`^${year}-${month}-${day}T${clock}${zone}$`);
const timePattern = new RegExp(`^${clock}$`);
const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
// Of a repeated group V8 keeps each round on its stack, which megabytes of them overflow: these
// patterns have none.
const misplacedSpace = /^\s|\s\s|\s$/;
const oidPattern = /^urn:oid:[0-2]\.[0-9][0-9.]*$/;
const emptyArc = /\.(?:\.|0[0-9]|$)/;
const uuidPattern = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const blank = /\s/;
const base64Pattern = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
const divPattern = /^\s*<div(?=[\s>/])/;
const divEnd = /(?:<\/div\s*>|\/>)\s{0,1000}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: R4 forbids just these in strings
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

/** Whether the text may be a resource's logical id (R4 datatypes.html#id). */
export function isResourceId(text: string): boolean {
  return idPattern.test(text);
}

function isString(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

/** The text begins with YYYY-MM-DD: is that day in the calendar? */
function isRealDay(text: string): boolean {
  if (text.length < 10) return true;
  const dayOfMonth = Number(text.slice(8, 10));
  if (dayOfMonth <= 28) return true;
  const monthOfYear = Number(text.slice(5, 7));
  if (monthOfYear !== 2) return dayOfMonth <= ([4, 6, 9, 11].includes(monthOfYear) ? 30 : 31);
  const y = Number(text.slice(0, 4));
  return dayOfMonth === 29 && y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
}

function dated(pattern: RegExp, expected: string): PrimitiveCheck {
  return (value) => {
    if (!isString(value) || !pattern.test(value)) return expected;
    return isRealDay(value) ? undefined : 'a day that is in the calendar';
  };
}

function matching(pattern: RegExp, expected: string): PrimitiveCheck {
  return (value) => (isString(value) && pattern.test(value) ? undefined : expected);
}

function wholeNumber(low: number, expected: string): PrimitiveCheck {
  return (value) =>
    Number.isInteger(value) && Number(value) >= low && Number(value) <= 2_147_483_647
      ? undefined
      : expected;
}

const boolean: PrimitiveCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'true or false, without quotes';

const string: PrimitiveCheck = (value) => {
  if (typeof value !== 'string') return 'a JSON string';
  if (value.length === 0) return 'a string that is not empty; leave the element out instead';
  if (value.length > longestString) return 'a string of at most 1 MB (1,048,576 characters)';
  if (forbidden.test(value)) return 'a string without control characters';
  return value.isWellFormed() ? undefined : 'a string of valid Unicode';
};

const uri: PrimitiveCheck = (value) =>
  isString(value) && !blank.test(value) ? undefined : 'a URI without spaces';

const code: PrimitiveCheck = (value) =>
  isString(value) && !misplacedSpace.test(value)
    ? undefined
    : 'a code: no leading, trailing or double spaces';

const oid: PrimitiveCheck = (value) =>
  isString(value) && oidPattern.test(value) && !emptyArc.test(value)
    ? undefined
    : 'an OID: urn:oid:1.2.3';

const decimal: PrimitiveCheck = (value) => {
  if (!isDecimal(value)) return 'a JSON number, without quotes';
  return Number.isFinite(decimalValue(value)) ? undefined : 'a number below 1.8e308';
};

const base64Binary: PrimitiveCheck = (value) => {
  const expected = 'base64 (RFC 4648 section 4), padded to a multiple of four characters';
  if (!isString(value) || !base64Pattern.test(value)) return expected;
  const length = blank.test(value) ? value.replace(/\s+/g, '').length : value.length;
  return length > 0 && length % 4 === 0 ? undefined : expected;
};

const xhtml: PrimitiveCheck = (value) =>
  isString(value) && divPattern.test(value) && divEnd.test(value.slice(-1100))
    ? undefined
    : 'XHTML whose outermost element is a <div>';

/** R4 datatypes.html#primitive, by type code. */
export const primitiveChecks: ReadonlyMap<string, PrimitiveCheck> = new Map([
  ['base64Binary', base64Binary],
  ['boolean', boolean],
  ['canonical', uri],
  ['code', code],
  ['date', dated(datePattern, 'a date: YYYY, YYYY-MM or YYYY-MM-DD')],
  [
    'dateTime',
    dated(
      dateTimePattern,
      'a dateTime: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone',
    ),
  ],
  ['decimal', decimal],
  ['id', matching(idPattern, 'an id: 1 to 64 letters, digits, hyphens and dots')],
  ['instant', dated(instantPattern, 'an instant: YYYY-MM-DDThh:mm:ss with a time zone')],
  ['integer', wholeNumber(-2_147_483_648, 'a whole JSON number of 32 bits, without quotes')],
  ['markdown', string],
  ['oid', oid],
  ['positiveInt', wholeNumber(1, 'a whole JSON number from 1 to 2,147,483,647, without quotes')],
  ['string', string],
  ['time', matching(timePattern, 'a time: hh:mm:ss')],
  ['unsignedInt', wholeNumber(0, 'a whole JSON number from 0 to 2,147,483,647, without quotes')],
  ['uri', uri],
  ['url', uri],
  [
    'uuid',
    matching(uuidPattern, 'a UUID in lower case: urn:uuid:c757873d-ec9a-4326-a141-556f43239520'),
  ],
  ['xhtml', xhtml],
]);
