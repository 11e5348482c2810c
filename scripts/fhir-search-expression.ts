/**
 * The part of FHIRPath that R4's search parameters use, read into steps:
 * `Observation.component.value as Quantity`, `telecom.where(system='phone')`,
 * `where(resolve() is Patient)`, `extension('…')`, `entry[0]`.
 */
export type ExpressionStep =
  | { step: 'element'; name: string }
  | { step: 'as'; type: string }
  | { step: 'where'; element: string; equals: string }
  | { step: 'target'; type: string }
  | { step: 'extension'; url: string }
  | { step: 'has-extension'; url: string }
  | { step: 'index'; at: number };

/** Splits a union into its terms and reads each; throws on what it does not know. */
export function parseExpression(text: string): ExpressionStep[][] {
  return splitTop(text, '|').map((term) => parseTerm(term.trim()));
}

function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "'") quoted = !quoted;
    if (quoted) continue;
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  throw new Error(`no closing parenthesis in ${text}`);
}

function parseTerm(term: string): ExpressionStep[] {
  if (term.startsWith('(')) {
    const end = closing(term);
    return [...parseTerm(term.slice(1, end).trim()), ...parsePath(term.slice(end + 1))];
  }
  const as = /^(.*\S)\s+as\s+([A-Za-z]+)$/.exec(term);
  if (as?.[1] && as[2]) return [...parseTerm(as[1]), { step: 'as', type: as[2] }];
  return parsePath(term);
}

function parsePath(path: string): ExpressionStep[] {
  return splitTop(path, '.')
    .filter((part) => part !== '')
    .flatMap((part) => parseInvocation(part.trim()));
}

const invocations: [RegExp, (found: RegExpExecArray) => ExpressionStep[]][] = [
  [/^([A-Za-z]+)$/, ([, name = '']) => [{ step: 'element', name }]],
  [
    /^([A-Za-z]+)\[(\d+)\]$/,
    ([, name = '', at]) => [
      { step: 'element', name },
      { step: 'index', at: Number(at) },
    ],
  ],
  [/^(?:as|ofType)\(([A-Za-z]+)\)$/, ([, type = '']) => [{ step: 'as', type }]],
  [/^where\(resolve\(\) is ([A-Za-z]+)\)$/, ([, type = '']) => [{ step: 'target', type }]],
  [
    /^where\(([A-Za-z]+)\s*=\s*'([^']+)'\)$/,
    ([, element = '', equals = '']) => [{ step: 'where', element, equals }],
  ],
  [/^extension\('([^']+)'\)$/, ([, url = '']) => [{ step: 'extension', url }]],
  [/^where\(hasExtension\('([^']+)'\)\)$/, ([, url = '']) => [{ step: 'has-extension', url }]],
];

function parseInvocation(part: string): ExpressionStep[] {
  for (const [pattern, read] of invocations) {
    const found = pattern.exec(part);
    if (found) return read(found);
  }
  throw new Error(`not a known invocation: ${part}`);
}
