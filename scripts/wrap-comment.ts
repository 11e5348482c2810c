import { pieces } from '../test/guard/lexer.ts';

const columns = 100;
/** What silences a tool must stand on one line, reason included. */
const silencer = /biome-ignore|@ts-expect-error|oxlint-disable/;
/** A line that begins something of its own: a list, a table, a tag, an example. */
const ownLine = /^(?:[-*|@#>]|\d+\.|```| {2})/;

/** Breaks comments that run over column 100 and moves long trailing ones above their line. */
export function wrapComments(source: string): string {
  return wrapLines(widen(source).split('\n')).join('\n');
}

/** First gives every too long one-line comment a form of which the lines can be broken. */
function widen(source: string): string {
  let text = source;
  for (const { kind, start, end } of pieces(source).toReversed()) {
    if (kind !== 'comment') continue;
    const from = source.lastIndexOf('\n', start - 1) + 1;
    const to = source.indexOf('\n', start);
    const line = source.slice(from, to === -1 ? source.length : to);
    const comment = source.slice(start, end);
    if (line.length <= columns || from + line.length !== end || silencer.test(line)) continue;
    const before = source.slice(from, start);
    const indent = /^ */.exec(line)?.[0] ?? '';
    const alone = before.trim() === '';
    const body = comment.startsWith('/*')
      ? `/**\n${indent} * ${comment.replace(/^\/\*+\s*|\s*\*\/$/g, '')}\n${indent} */`
      : comment;
    const lines = alone ? `${indent}${body}` : `${indent}${body}\n${before.trimEnd()}`;
    text = text.slice(0, from) + lines + text.slice(end);
  }
  return text;
}

function wrapLines(lines: readonly string[]): string[] {
  const prefixes = commentPrefixes(lines);
  const wrapped: string[] = [];
  let carried: string | undefined;
  lines.forEach((line, index) => {
    const prefix = prefixes[index];
    const body = prefix === undefined ? '' : line.slice(prefix.length);
    const continues = prefix !== undefined && body !== '' && !ownLine.test(body);
    if (carried !== undefined && !(continues && prefix === prefixes[index - 1])) {
      wrapped.push(carried);
      carried = undefined;
    }
    const rest: string = carried === undefined ? line : `${carried} ${body}`;
    carried = undefined;
    if (prefix !== undefined && rest.length > columns) {
      const [fits, over] = broken(rest, prefix);
      wrapped.push(...fits);
      carried = over;
      return;
    }
    wrapped.push(rest);
  });
  if (carried !== undefined) wrapped.push(carried);
  return wrapped;
}

/** The lines that are full, and what is left over for the next. */
function broken(line: string, prefix: string): [fits: string[], over: string | undefined] {
  const fits: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const at = rest.lastIndexOf(' ', columns);
    if (at <= prefix.length) break; // one long word, such as an address
    fits.push(rest.slice(0, at));
    rest = prefix + rest.slice(at + 1);
  }
  return rest.length > columns ? [[...fits, rest], undefined] : [fits, rest];
}

/** What each whole-line comment begins with, up to its words; undefined for every other line. */
function commentPrefixes(lines: readonly string[]): (string | undefined)[] {
  const comments = pieces(lines.join('\n')).filter(({ kind }) => kind === 'comment');
  let start = 0;
  return lines.map((line) => {
    const first = start + line.search(/\S|$/);
    start += line.length + 1;
    const inside = comments.some((comment) => comment.start <= first && first < comment.end);
    return inside && !line.endsWith('*/') && !silencer.test(line)
      ? /^ *(?:\/\/|\*) /.exec(line)?.[0]
      : undefined;
  });
}
