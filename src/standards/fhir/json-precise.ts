import { isJsonObject } from './json-object.ts';

/**
 * Parses JSON some of whose numbers JavaScript would write back otherwise, keeping those as raw
 * numbers. They are put into strings that begin with a control character no string of the text has:
 * one can stand there only by its escape. Five times faster than a reviver, which is called for all
 * values.
 *
 * @param inexact begin and end of each such number, in bytes, in order.
 * @throws {SyntaxError} as JSON.parse does, and for a text that has all the control characters R4
 * forbids in strings.
 */
export function parsePrecisely(bytes: Buffer, inexact: readonly number[]): unknown {
  const code = markCodes.find((one) => !bytes.includes(`\\u000${one}`));
  if (code === undefined) throw new SyntaxError('every mark is taken');
  const text = marked(bytes, inexact, Buffer.from(`"\\u000${code}`));
  const holder = { value: JSON.parse(text) as unknown };
  unmark(holder, code);
  return holder.value;
}

/** Those JSON can write in one way only: no letter among the hexadecimal digits, no short form. */
const markCodes = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const endMark = Buffer.from('"');

function marked(bytes: Buffer, inexact: readonly number[], mark: Buffer): string {
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

function unmark(value: object, code: number): void {
  const object: Record<string, unknown> = Object(value);
  for (const key of Object.keys(object)) {
    if (key.charCodeAt(0) === code) throw new SyntaxError('a number where a key should be');
    const child = object[key];
    if (typeof child === 'string') {
      if (child.charCodeAt(0) === code) object[key] = JSON.rawJSON(child.slice(1));
    } else if (Array.isArray(child)) unmarkItems(child, code);
    else if (isJsonObject(child)) unmark(child, code);
  }
}

function unmarkItems(items: unknown[], code: number): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'string') {
      if (item.charCodeAt(0) === code) items[i] = JSON.rawJSON(item.slice(1));
    } else if (Array.isArray(item)) unmarkItems(item, code);
    else if (isJsonObject(item)) unmark(item, code);
  }
}
