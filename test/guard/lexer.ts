/** A piece of TypeScript: code, a comment, or the inside of a string, template or pattern. */
export type Piece = { kind: 'code' | 'comment' | 'literal'; start: number; end: number };

/** After these a slash begins a regular expression, not a division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*<>~^%]|\b(?:return|typeof|case|in|of|void|await))\s*$/;

/** Cuts TypeScript into pieces. Enough for guards: it knows no types, only quotes. */
export function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  const open: number[] = []; // brace depth at which each interpolation was entered
  let depth = 0;
  let at = 0;
  let codeFrom = 0;
  const cut = (kind: Piece['kind'], start: number, end: number) => {
    if (start > codeFrom) found.push({ kind: 'code', start: codeFrom, end: start });
    found.push({ kind, start, end });
    codeFrom = end;
    at = end;
  };
  const template = (start: number) => {
    const end = templateEnd(source, start);
    cut('literal', start, end);
    if (source.startsWith('${', end)) {
      open.push(depth);
      at = end + 2;
    } else at = end + 1;
  };
  while (at < source.length) {
    const character = source[at];
    if (source.startsWith('//', at)) cut('comment', at, endOf(source, '\n', at));
    else if (source.startsWith('/*', at)) cut('comment', at, endOf(source, '*/', at) + 2);
    else if (character === "'" || character === '"') {
      cut('literal', at + 1, quoteEnd(source, at + 1, character));
      at += 1;
    } else if (character === '`') template(at + 1);
    else if (character === '}' && open.at(-1) === depth) {
      open.pop();
      template(at + 1);
    } else if (character === '/' && beforeRegex.test(source.slice(Math.max(0, at - 20), at))) {
      cut('literal', at + 1, regexEnd(source, at + 1));
      at += 1;
    } else {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      at += 1;
    }
  }
  if (codeFrom < source.length) found.push({ kind: 'code', start: codeFrom, end: source.length });
  return found;
}

/** The source with every piece of the given kinds blanked, line for line and column for column. */
export function without(source: string, ...kinds: Piece['kind'][]): string {
  return pieces(source)
    .map(({ kind, start, end }) => {
      const piece = source.slice(start, end);
      return kinds.includes(kind) ? piece.replaceAll(/[^\n]/g, ' ') : piece;
    })
    .join('');
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end === -1 ? source.length : end;
}

function quoteEnd(source: string, from: number, quote: string): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote || source[at] === '\n') return at;
  }
  return source.length;
}

function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '`' || source.startsWith('${', at)) return at;
  }
  return source.length;
}

function regexEnd(source: string, from: number): number {
  let inClass = false;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    else if ((source[at] === '/' && !inClass) || source[at] === '\n') return at;
  }
  return source.length;
}
