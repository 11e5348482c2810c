import { posix } from 'node:path';
import type { ContextCalls } from '../../contexts.ts';
import { type Import, importsOf } from './import-list.ts';
import { without } from './lexer.ts';
import { lineOf, type SourceFile, type Violation } from './source-tree.ts';

type Table = Readonly<Record<string, ContextCalls>>;

/** Where a path of src/ stands: its floor, or the context it belongs to. */
type Place =
  | { floor: 'standards' | 'platform' | 'generated' | 'house' }
  | { floor: 'context'; context: string };

const pureModules = new Set([
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:path',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
]);
const impure =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bfetch\(|\bset(?:Timeout|Interval)\(/g;
const domainStandards = /^src\/standards\/(?!http\/)/;

function placeOf(path: string): Place {
  const [, second = '', third = ''] = path.split('/');
  if (second === 'contexts') return { floor: 'context', context: third };
  if (second === 'standards' || second === 'platform' || second === 'generated') {
    return { floor: second };
  }
  return { floor: 'house' };
}

const isTest = (path: string) => path.endsWith('.test.ts');
const isProduct = (path: string) => path.startsWith('src/') && path.endsWith('.ts');

/** Every import, clock and context folder under src/ held against the table. */
export function architectureFaults(tree: readonly SourceFile[], table: Table): Violation[] {
  const sources = tree.filter(({ path }) => isProduct(path));
  if (sources.length === 0) return [{ path: 'src', says: 'no source file seen' }];
  return [
    ...tableFaults(table),
    ...folderFaults(sources, table),
    ...sources.flatMap((file) => importFaults(file, table)),
    ...sources.flatMap(impurities),
  ];
}

/** A name in the table that is no context, or a circle of calls. */
export function tableFaults(table: Table): Violation[] {
  const faults: Violation[] = [];
  const below = (name: string) => [...(table[name]?.calls ?? []), ...(table[name]?.types ?? [])];
  const walk = (name: string, path: readonly string[]) => {
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(' → ');
      faults.push({ path: 'contexts.ts', says: `calls go in a circle: ${circle}` });
      return;
    }
    if (table[name] === undefined) {
      faults.push({
        path: 'contexts.ts',
        says: `${path.at(-1)} may call ${name}: no such context`,
      });
      return;
    }
    for (const callee of below(name)) walk(callee, [...path, name]);
  };
  for (const name of Object.keys(table)) walk(name, []);
  return faults;
}

function folderFaults(sources: readonly SourceFile[], table: Table): Violation[] {
  const folders = new Set(
    sources.flatMap(({ path }) => {
      const place = placeOf(path);
      return place.floor === 'context' ? [place.context] : [];
    }),
  );
  const strangers = [...folders].filter((name) => table[name] === undefined);
  const absent = Object.keys(table).filter((name) => !folders.has(name));
  return [
    ...strangers.map((name) => ({ path: `src/contexts/${name}`, says: 'not in contexts.ts' })),
    ...absent.map((name) => ({ path: 'contexts.ts', says: `src/contexts/${name} has no source` })),
  ];
}

function importFaults({ path, text }: SourceFile, table: Table): Violation[] {
  return importsOf(text).flatMap((found) => {
    const says = faultOf(path, text, found, table);
    return says === undefined ? [] : [{ path, line: found.line, says }];
  });
}

function faultOf(path: string, text: string, found: Import, table: Table): string | undefined {
  const from = placeOf(path);
  const { specifier } = found;
  if (specifier === undefined) {
    const bound = (from.floor === 'context' || from.floor === 'standards') && !isTest(path);
    return bound ? 'imports what only run time knows' : undefined;
  }
  if (specifier.startsWith('#')) return doorFault(path, from, specifier.slice(1), found, table);
  if (specifier.startsWith('.')) {
    return fileFault(path, from, posix.normalize(posix.join(posix.dirname(path), specifier)));
  }
  if (from.floor !== 'standards' || isTest(path) || !specifier.startsWith('node:'))
    return undefined;
  if (pureModules.has(specifier) || isOwnGenerated(text, found)) return undefined;
  return `standards are pure: ${specifier}`;
}

/** Standards may read their own generated file, synchronously and nothing else. */
function isOwnGenerated(text: string, { specifier, names }: Import): boolean {
  return specifier === 'node:fs' && names === 'readFileSync' && /\bgenerated\b/.test(text);
}

function doorFault(
  path: string,
  from: Place,
  door: string,
  found: Import,
  table: Table,
): string | undefined {
  if (table[door] === undefined) return `#${door} is no door`;
  if (from.floor === 'house' || isTest(path)) return undefined;
  if (from.floor !== 'context') return `${from.floor} knows no context: #${door}`;
  if (from.context === door) return `its own door #${door}: import the file itself`;
  const row = table[from.context];
  if (row?.calls.includes(door)) return undefined;
  if (row?.types?.includes(door)) {
    return found.typeOnly ? undefined : `${from.context} may import types only from #${door}`;
  }
  return `${from.context} may not call #${door}: see contexts.ts`;
}

function fileFault(path: string, from: Place, target: string): string | undefined {
  if (!target.startsWith('src/')) {
    const outside = target.split('/')[0] ?? '';
    const closed = ['sandbox', 'test', 'bench', 'scripts'].includes(outside);
    return closed && !isTest(path) ? `product code never imports ${outside}/` : undefined;
  }
  const to = placeOf(target);
  if (to.floor === 'context') {
    if (from.floor === 'context' && from.context === to.context) return undefined;
    return `reaches into ${to.context}: go through #${to.context}`;
  }
  if (to.floor === 'house' && from.floor !== 'house' && !isTest(path)) {
    return `${target} stands above: it is handed down, not imported`;
  }
  if (from.floor === 'standards' && to.floor === 'platform' && !isTest(path)) {
    return 'standards know nothing of platform';
  }
  const domain = domainStandards.test(target) || to.floor === 'generated';
  return from.floor === 'platform' && domain ? 'platform knows no domain word' : undefined;
}

function impurities({ path, text }: SourceFile): Violation[] {
  if (placeOf(path).floor !== 'standards' || isTest(path)) return [];
  const code = without(text, 'comment', 'literal');
  return [...code.matchAll(impure)].map((match) => ({
    path,
    line: lineOf(code, match.index),
    says: `standards have no clock, chance or outside: ${match[0]}`,
  }));
}

/** package.json "imports" must open exactly the doors of the table, each to its index.ts. */
export function doorFaults(imports: Record<string, unknown>, table: Table): Violation[] {
  const wanted = new Map(
    Object.keys(table).map((name) => [`#${name}`, `./src/contexts/${name}/index.ts`]),
  );
  const names = new Set([...wanted.keys(), ...Object.keys(imports)]);
  return [...names]
    .filter((name) => imports[name] !== wanted.get(name))
    .map((name) => ({
      path: 'package.json',
      says: `imports ${name}: ${wanted.get(name) ?? 'no'}`,
    }));
}
