import { decimalFrom } from './decimal.ts';
import { isJsonObject } from './json-object.ts';

/**
 * Parses JSON some of whose numbers JavaScript would write back otherwise, keeping those as raw
 * numbers. They are put into strings that begin with U+0000, which no text can hold but by the
 * escape that is looked for first; five times faster than a reviver, which is called for all
 * values.
 *
 * @param inexact begin and end of each such number, in bytes, in order.
 * @throws {SyntaxError} as JSON.parse does.
 */
export function parsePrecisely(bytes: Buffer, inexact: readonly number[]): unknown {
  if (bytes.includes('\\u0000')) return JSON.parse(bytes.toString(), keepPrecision);
  const holder = { value: JSON.parse(marked(bytes, inexact)) as unknown };
  unmark(holder);
  return holder.value;
}

const mark = Buffer.from('"\\u0000');
const endMark = Buffer.from('"');

function marked(bytes: Buffer, inexact: readonly number[]): string {
  const extra = (inexact.length / 2) * (mark.length + endMark.length);
  const text = Buffer.allocUnsafe(bytes.length + extra);
  let at = 0;
  let copied = 0;
  for (let i = 0; i < inexact.length; i += 2) {
    const from = inexact[i] ?? 0;
    const to = inexact[i + 1] ?? 0;
    at += bytes.copy(text, at, copied, from);
    at += mark.copy(text, at);
    at += bytes.copy(text, at, from, to);
    at += endMark.copy(text, at);
    copied = to;
  }
  bytes.copy(text, at, copied);
  return text.toString();
}

function unmark(value: object): void {
  const object: Record<string, unknown> = Object(value);
  for (const key of Object.keys(object)) {
    if (key.charCodeAt(0) === 0) throw new SyntaxError('a number where a key should be');
    const child = object[key];
    if (typeof child === 'string') {
      if (child.charCodeAt(0) === 0) object[key] = JSON.rawJSON(child.slice(1));
    } else if (Array.isArray(child)) unmarkItems(child);
    else if (isJsonObject(child)) unmark(child);
  }
}

function unmarkItems(items: unknown[]): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'string') {
      if (item.charCodeAt(0) === 0) items[i] = JSON.rawJSON(item.slice(1));
    } else if (Array.isArray(item)) unmarkItems(item);
    else if (isJsonObject(item)) unmark(item);
  }
}

function keepPrecision(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' && context.source ? decimalFrom(context.source) : value;
}
