import { FhirPathRefused } from './refused.ts';

export type TokenKind =
  | 'name' // an identifier, keywords included
  | 'quoted' // a delimited identifier: `div`
  | 'string'
  | 'number'
  | 'date'
  | 'dateTime'
  | 'time'
  | 'variable' // %resource, %`vs-x`
  | 'special' // $this $index $total
  | 'symbol'
  | 'end';

export type Token = { kind: TokenKind; text: string; at: number };

/** The longest search parameter of R4 has 4,100 characters; a text beyond this is no expression. */
const longestText = 65_536;

const space = /(?:[ \t\r\n\f\u00a0\ufeff]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)+/y;
const patterns: readonly [TokenKind, RegExp][] = [
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /[0-9]+(?:\.[0-9]+)?/y],
  ['time', /@T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,12})?)?)?/y],
  [
    'dateTime',
    /@[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?T(?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,12})?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?/y,
  ],
  ['date', /@[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?/y],
  ['string', /'(?:[^'\\]|\\[\s\S])*'/y],
  ['quoted', /`(?:[^`\\]|\\[\s\S])*`/y],
  [
    'variable',
    /%(?:[A-Za-z_][A-Za-z0-9_-]*|`(?:[^`\\]|\\[\s\S])*`|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")/y,
  ],
  ['special', /\$(?:this|index|total)\b/y],
  ['symbol', /<=|>=|!=|!~|[.,()[\]{}+\-*/|&<>=~]/y],
];

/** The tokens of an expression (FHIRPath N1, grammar), the last one being `end`. */
export function tokensOf(text: string): Token[] {
  if (text.length > longestText) {
    throw new FhirPathRefused('too-costly', `An expression has at most ${longestText} characters.`);
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    space.lastIndex = at;
    if (space.test(text)) at = space.lastIndex;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

function tokenAt(text: string, at: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) {
      return { token: { kind, text: content(kind, found, at), at }, end: pattern.lastIndex };
    }
  }
  throw new FhirPathRefused('syntax', unreadable(text.charAt(at)), at);
}

function unreadable(first: string): string {
  if (first === "'" || first === '`') return 'this quote is never closed.';
  if (first === '"') return "strings stand in single quotes: 'text'.";
  if (first === '@')
    return 'a date (@2014-01-25), dateTime (@2014-01-25T14:30:14) or time (@T14:30).';
  if (first === '$') return 'expected $this, $index or $total.';
  return 'no token of FHIRPath begins here.';
}

function content(kind: TokenKind, found: string, at: number): string {
  if (kind === 'string' || kind === 'quoted') return unescaped(found.slice(1, -1), at + 1);
  if (kind === 'date' || kind === 'dateTime') return found.slice(1);
  if (kind === 'time') return found.slice(2);
  if (kind !== 'variable') return found;
  const name = found.slice(1);
  return /^[A-Za-z_]/.test(name) ? name : unescaped(name.slice(1, -1), at + 2);
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  "'": "'",
  '"': '"',
  '`': '`',
  '\\': '\\',
  '/': '/',
};

/** N1, section String: an escape it does not list is an error. */
function unescaped(text: string, at: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|([\s\S]))/g, (_, unicode, one, offset) => {
    if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
    const plain = escapes[one];
    if (plain === undefined) {
      throw new FhirPathRefused('syntax', 'this escape is not one of FHIRPath.', at + offset);
    }
    return plain;
  });
}
