import { pieces, without } from './lexer.ts';
import { lineOf, type SourceFile, type Violation } from './source-tree.ts';

const maxFileLines = 400;
const maxFunctionLines = 70;
const maxColumns = 100;
/** An address, and what silences a tool, which must hold its reason on the same line. */
const unbreakable = /https?:\/\/|biome-ignore|@ts-expect-error|oxlint-disable/;
const maxDoorLines = 60; // a context's index.ts and README.md

const emptyWords = new Set(
  'util helper common shared misc lib manager service handler processor impl base'.split(' '),
);
/** Words of a standard or an API path, used unchanged although a part of them says nothing. */
const standardWords = ['service-token', 'service-request', 'healthcare-service'];
const kebab = /^\d*-?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/;
const ourFolders = /^(?:src|test|bench|scripts|sandbox)\//;
const isCode = (path: string) => /\.(?:ts|tsx|cjs)$/.test(path);

/** The house's rules of size and name over every file a person wrote. */
export function tidyFaults(tree: readonly SourceFile[]): Violation[] {
  const sources = tree.filter(({ path }) => ourFolders.test(path));
  if (sources.length === 0) return [{ path: '.', says: 'no source file seen' }];
  return [
    ...tree.flatMap(placeFaults),
    ...roomFaults(sources),
    ...sources.flatMap((file) => [...nameFaults(file), ...sizeFaults(file)]),
    ...sources.filter(({ path }) => isCode(path)).flatMap(codeFaults),
  ];
}

function eachMatch(
  { path, text }: SourceFile,
  pattern: RegExp,
  says: (match: string) => string,
  source = text,
): Violation[] {
  return [...source.matchAll(pattern)].map((match) => ({
    path,
    line: lineOf(source, match.index),
    says: says(match[0].trim()),
  }));
}

/** Where this copy happens to stand, or where its packages came from, is no one's business. */
function placeFaults(file: SourceFile): Violation[] {
  const folder = /(?<![\w.~}$-])\/(?:work|tmp|root)\/[\w.]/g;
  const host = /https?:\/\/(?:registry|deb)\.[\w.]/g;
  return [
    ...eachMatch(file, folder, (found) => `a machine's path: ${found}`),
    ...eachMatch(file, host, (found) => `a registry's host: ${found}`),
  ];
}

function roomFaults(sources: readonly SourceFile[]): Violation[] {
  const rooms = new Set(
    sources.flatMap(({ path }) => /^src\/contexts\/[^/]+(?=\/)/.exec(path)?.slice(0, 1) ?? []),
  );
  return [...rooms].flatMap((room) =>
    ['README.md', 'index.ts'].flatMap((name) => {
      const path = `${room}/${name}`;
      const file = sources.find((source) => source.path === path);
      if (file === undefined) return [{ path, says: 'is missing' }];
      const lines = lineCount(file.text);
      return lines > maxDoorLines
        ? [{ path, says: `${lines} lines, at most ${maxDoorLines}` }]
        : [];
    }),
  );
}

function nameFaults({ path }: SourceFile): Violation[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'README.md' || name === 'NOTICE') return [];
  if (!kebab.test(name)) return [{ path, says: 'file names are kebab-case' }];
  const plain = standardWords.reduce((left, word) => left.replace(word, ''), path);
  const words = plain.split(/[/.-]/).filter(isEmptyWord);
  return words.length > 0 ? [{ path, says: `the name says nothing: ${words.join(', ')}` }] : [];
}

function isEmptyWord(word: string): boolean {
  const lower = word.toLowerCase();
  return emptyWords.has(lower) || emptyWords.has(lower.replace(/s$/, ''));
}

function sizeFaults({ path, text }: SourceFile): Violation[] {
  const lines = lineCount(text);
  const long =
    lines > maxFileLines ? [{ path, says: `${lines} lines, at most ${maxFileLines}` }] : [];
  if (!isCode(path) && !path.endsWith('.sql')) return long;
  // A long literal cannot be broken without hiding what it says from a search.
  const bare = path.endsWith('.sql') ? text : withoutLiterals(text);
  const wide = bare
    .split('\n')
    .flatMap((line, index) =>
      line.trimEnd().length > maxColumns && !unbreakable.test(line)
        ? [{ path, line: index + 1, says: `more than ${maxColumns} columns` }]
        : [],
    );
  return [...long, ...wide];
}

function withoutLiterals(source: string): string {
  return pieces(source)
    .map(({ kind, start, end }) => {
      const piece = source.slice(start, end);
      return kind === 'literal' ? piece.replaceAll(/[^\n]/g, '') : piece;
    })
    .join('');
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function codeFaults(file: SourceFile): Violation[] {
  const bare = without(file.text, 'comment', 'literal');
  const comments = without(file.text, 'literal');
  return [
    ...functionFaults(file, bare),
    ...unsafeFaults(file, bare),
    ...typeNameFaults(file, bare),
    ...eachMatch(
      file,
      /\b(?:TO[D]O|FIX[M]E|XX[X])\b/g,
      (found) => `left for later: ${found}`,
      comments,
    ),
    ...eachMatch(file, /\.only\(/g, () => 'runs only a part of the tests', bare),
    ...skipFaults(file),
    ...silenceFaults(file, comments),
  ];
}

/** `any` and `!`, unless the line above silences the linter, which silenceFaults sees to. */
function unsafeFaults(file: SourceFile, bare: string): Violation[] {
  const lines = file.text.split('\n');
  const anyType = /(?:[:<,|&(=]\s*|\bas\s+)any\b(?=\s*(?:[;,)>=|&[\]}{]|$))/gm;
  const nonNull = /[\w)\]]!(?=[.,;)\]}\s[(:?])(?!=)/g;
  return [
    ...eachMatch(file, anyType, () => 'any', bare),
    ...eachMatch(file, nonNull, (found) => `non-null assertion ${found}`, bare),
  ].filter(({ line = 0 }) => !lines[line - 2]?.includes('biome-ignore lint/'));
}

function typeNameFaults(file: SourceFile, bare: string): Violation[] {
  const declared = /\b(?:class|interface|type)\s+([A-Z]\w*)\b(?=[^'"\n]*[{=<])/g;
  return [...bare.matchAll(declared)].flatMap((match) => {
    const name = match[1] ?? '';
    const last = /[A-Z][a-z0-9]*$/.exec(name)?.[0] ?? '';
    const line = lineOf(bare, match.index);
    if (/^I[A-Z][a-z]/.test(name)) return [{ path: file.path, line, says: `I-prefixed: ${name}` }];
    const says = `the name says nothing: ${name}`;
    return isEmptyWord(last) ? [{ path: file.path, line, says }] : [];
  });
}

/** A test that is left out says why: t.skip('no sample data here'), { skip: '…' }, skip: reason. */
function skipFaults(file: SourceFile): Violation[] {
  const bare = without(file.text, 'comment', 'literal');
  return eachMatch(
    file,
    /\b(?:test|it|describe|suite)\.(?:skip|todo)\(|\.(?:skip|todo)\(\s*\)|\b(?:skip|todo):\s*true\b/g,
    () => 'skipped without a reason',
    bare,
  );
}

/** The compiler or the linter is only silenced with a reason on the same line. */
function silenceFaults(file: SourceFile, comments: string): Violation[] {
  const silencers =
    /@ts-(?:ignore|nocheck)\b|@ts-expect-error(?!\S*\s+\S+\s+\S+)|(?:biome-ignore)\s+[^:\n]*(?:\n|:\s*$)|(?:oxlint|eslint)-disable(?!.* -- \S)/gm;
  return eachMatch(file, silencers, (found) => `silenced without a reason: ${found}`, comments);
}

/** Formatted code closes a block at the indent of the line that began its statement. */
function functionFaults({ path }: SourceFile, bare: string): Violation[] {
  const lines = bare.split('\n');
  return lines.flatMap((line, start) => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    if (!beginsFunction(line.trim())) return [];
    const open = lines.findIndex(
      (later, at) => at >= start && later.trimEnd().endsWith('{') && startsAt(later, indent),
    );
    if (open === -1) return [];
    const end = lines.findIndex((later, at) => at > open && later.startsWith(`${indent}}`));
    const length = end - start + 1;
    return length > maxFunctionLines
      ? [
          {
            path,
            line: start + 1,
            says: `function of ${length} lines, at most ${maxFunctionLines}`,
          },
        ]
      : [];
  });
}

function startsAt(line: string, indent: string): boolean {
  return line.startsWith(indent) && line[indent.length] !== ' ';
}

/** A function, method or arrow with a block; a `describe` only groups. */
function beginsFunction(line: string): boolean {
  if (/^(?:describe|suite)\(/.test(line)) return false;
  if (/^(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b/.test(line)) return true;
  if (/=>\s*\{$/.test(line)) return true;
  return (
    /^(?:(?:async|static|get|set|private|public|protected)\s+)*[#\w]+\(.*\{$/.test(line) &&
    !/^(?:if|for|while|switch|catch|with)\b/.test(line)
  );
}
