/**
 * A number whose text JavaScript would not write back the same: 1.00, 1e3, twenty digits. Written
 * verbatim.
 */
export type RawNumber = { readonly rawJSON: string };

declare global {
  interface JSON {
    // ECMAScript 2026, in V8 since 11.4; to be removed when TypeScript's own library declares them.
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown;
  }
}

/** Whether this is a FHIR decimal or integer as `parseResourceJson` gives them. */
export function isDecimal(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || JSON.isRawJSON(value);
}

/** The number as it was written, so that precision is kept (R4 datatypes.html#decimal). */
export function decimalText(value: number | RawNumber): string {
  return typeof value === 'number' ? String(value) : value.rawJSON;
}

/** The nearest double; ±Infinity when the number is beyond it. */
export function decimalValue(value: number | RawNumber): number {
  return typeof value === 'number' ? value : Number(value.rawJSON);
}

/** The number for this JSON text: a plain one where that writes the same text back. */
export function decimalFrom(text: string): number | RawNumber {
  const value = Number(text);
  return String(value) === text ? value : JSON.rawJSON(text);
}
