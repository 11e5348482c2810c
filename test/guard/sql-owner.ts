import { pieces } from './lexer.ts';
import { lineOf, type SourceFile, type Violation } from './source-tree.ts';

/** A stretch of SQL in a file, and where it starts. */
type Sql = { text: string; start: number };

const looksLikeSql =
  /\b(?:select|insert\s+into|update|delete\s+from|create|alter|drop|truncate|copy|from|join|grant|revoke|lock\s+table|comment\s+on|references)\b/i;
/** In a migration these make or change a thing; the name that follows must say whose. */
const change =
  /\b(?:create(?:\s+or\s+replace)?|alter|drop|truncate|comment\s+on)\s+(?:unlogged\s+)?(table|view|materialized\s+view|sequence|type|domain|function|procedure)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?("?[a-z_][\w$]*"?)(\s*\.)?/gi;
const reference = /\breferences\s+("?[a-z_][\w$]*"?)(\s*\.)?/gi;
const onTable =
  /\bcreate\s+(?:unique\s+)?(?:index|policy|trigger)\b[^;]*?\bon\s+(?:only\s+)?("?[a-z_][\w$]*"?)(\s*\.)?/gi;

/** The schema a file may name: its context's, or `platform`; undefined: none at all. */
function ownerOf(path: string): string | undefined {
  const context = /^src\/contexts\/([^/]+)\//.exec(path)?.[1];
  return context ?? (path.startsWith('src/platform/') ? 'platform' : undefined);
}

/** SQL of the product that names a schema of another, and migrations that leave their own. */
export function sqlOwnerFaults(
  tree: readonly SourceFile[],
  contexts: readonly string[],
): Violation[] {
  const product = tree.filter(
    ({ path }) =>
      path.startsWith('src/') && /\.(?:ts|sql)$/.test(path) && !/\.test\.ts$/.test(path),
  );
  if (product.length === 0) return [{ path: 'src', says: 'no source file seen' }];
  const schemas = [...contexts, 'platform'];
  return product.flatMap((file) => [
    ...foreignNames(file, schemas),
    ...(file.path.endsWith('.sql') ? migrationFaults(file) : []),
  ]);
}

/** All of a .sql file; of a .ts file the literals that hold SQL, interpolations as they come. */
function sqlOf({ path, text }: SourceFile): Sql[] {
  if (path.endsWith('.sql')) return [{ text: withoutSqlComments(text), start: 0 }];
  return pieces(text)
    .filter(({ kind }) => kind === 'literal')
    .map(({ start, end }) => ({ text: text.slice(start, end), start }));
}

function foreignNames(file: SourceFile, schemas: readonly string[]): Violation[] {
  const owner = ownerOf(file.path);
  const name = new RegExp(`(?<![\\w.#'/-])"?(${schemas.join('|')})"?\\s*\\.\\s*"?[a-z_]`, 'g');
  const inTypeScript = file.path.endsWith('.ts');
  return sqlOf(file).flatMap(({ text, start }) => {
    // What follows an interpolation may hold no keyword: sql`select ${a}, audit.next(1)`.
    const continues = file.text[start - 1] === '}';
    if (inTypeScript && !continues && !looksLikeSql.test(text)) return [];
    return [...text.matchAll(name)]
      .filter(([, schema]) => schema !== owner)
      .map((match) => ({
        path: file.path,
        line: lineOf(file.text, start + match.index),
        says: `names the schema of ${match[1]}`,
      }));
  });
}

function migrationFaults({ path, text }: SourceFile): Violation[] {
  const owner = ownerOf(path) ?? '';
  const sql = withoutSqlComments(text);
  const named = [
    ...[...sql.matchAll(change)].map((m) => ({ m, what: m[1] ?? '', name: m[2], dot: m[3] })),
    ...[...sql.matchAll(onTable)].map((m) => ({ m, what: 'table', name: m[1], dot: m[2] })),
    ...[...sql.matchAll(reference)].map((m) => ({ m, what: 'foreign key', name: m[1], dot: m[2] })),
  ];
  return named
    .filter(({ name, dot }) => dot === undefined || name?.replaceAll('"', '') !== owner)
    .map(({ m, what, name, dot }) => ({
      path,
      line: lineOf(sql, m.index),
      says:
        dot === undefined
          ? `${what} ${name} without its schema: ${owner}.${name}`
          : `${what} in the schema of ${name}`,
    }));
}

function withoutSqlComments(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, (comment) =>
    comment.replaceAll(/[^\n]/g, ' '),
  );
}
