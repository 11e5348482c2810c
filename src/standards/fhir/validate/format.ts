/**
 * Fast answers of "surely well-formed" for the primitive types (R4 datatypes.html#primitive). What
 * is not surely so is asked again in primitive.ts, which also says what was expected.
 */

/** A string of at most 1 MB whose every character is plain: no control, no surrogate. */
export function plainString(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const { length } = value;
  if (length === 0 || length > 1_048_576) return false;
  for (let at = 0; at < length; at++) {
    const char = value.charCodeAt(at);
    if (char < 32 ? char !== 10 && char !== 13 && char !== 9 : char >= 0xd800 && char < 0xe000) {
      return false;
    }
  }
  return true;
}

/** Visible ASCII without a space: most codes. */
export function plainCode(value: unknown): boolean {
  if (typeof value !== 'string' || value.length === 0) return false;
  for (let at = 0; at < value.length; at++) {
    const char = value.charCodeAt(at);
    if (char <= 32 || char >= 127) return false;
  }
  return true;
}

/** An http(s) URI of visible ASCII; urn: and fragments have rules of their own. */
export function plainUri(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('http') && plainCode(value);
}

export function plainId(value: unknown): boolean {
  return typeof value === 'string' && plainIdFrom(value, 0);
}

/** Whether the text is an id from this character on. */
export function plainIdFrom(value: string, start: number): boolean {
  if (value.length === start || value.length > start + 64) return false;
  for (let at = start; at < value.length; at++) {
    const char = value.charCodeAt(at);
    const letter = (char | 32) >= 97 && (char | 32) <= 122;
    if (!letter && !(char >= 48 && char <= 57) && char !== 45 && char !== 46) return false;
  }
  return true;
}

/** Two digits as a number, or NaN-like 1000. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000;
}

/** YYYY-MM-DD from 1800 to 2199; 29 February takes the slow way. */
function plainDay(text: string): boolean {
  const century = pair(text, 0);
  if (century < 18 || century > 21 || pair(text, 2) > 99) return false;
  const month = pair(text, 5);
  const day = pair(text, 8);
  const dashes = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45;
  if (!dashes || month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  // from August on, the even months have 31 days
  const days = 30 + ((month + (month >> 3)) & 1);
  return month !== 2 && day <= days;
}

export function plainDate(value: unknown): boolean {
  return typeof value === 'string' && value.length === 10 && plainDay(value);
}

/** YYYY-MM-DDThh:mm:ss with optional fraction, and Z or ±hh:mm. */
export function plainInstant(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 20 || !plainDay(value)) return false;
  if (value.charCodeAt(10) !== 84 || value.charCodeAt(13) !== 58 || value.charCodeAt(16) !== 58) {
    return false;
  }
  if (pair(value, 11) > 23 || pair(value, 14) > 59 || pair(value, 17) > 59) return false;
  let at = 19;
  if (value.charCodeAt(at) === 46) {
    do at++;
    while (value.charCodeAt(at) >= 48 && value.charCodeAt(at) <= 57);
    if (at === 20) return false;
  }
  const sign = value.charCodeAt(at);
  if (sign === 90) return value.length === at + 1;
  if ((sign !== 43 && sign !== 45) || value.length !== at + 6) return false;
  return pair(value, at + 1) < 14 && value.charCodeAt(at + 3) === 58 && pair(value, at + 4) < 60;
}

export function plainDateTime(value: unknown): boolean {
  return plainDate(value) || plainInstant(value);
}

export function plainInteger(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2_147_483_647;
}

export function plainDecimal(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}
