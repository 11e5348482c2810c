import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A text file of the project; `path` is relative to the root, with slashes. */
export type SourceFile = { path: string; text: string };

/** What a guard found: the file, the line where it can tell, and the broken rule in words. */
export type Violation = { path: string; line?: number; says: string };

export const projectRoot = join(import.meta.dirname, '..', '..');

const notOurs = new Set(['node_modules', '.git', '.medconnect', 'dist', 'coverage']);
const text = /\.(?:ts|tsx|cjs|js|json|sql|md|sh|ya?ml|html|css|txt)$|\/(?:run|LICENSE)$/;
const generated = /(?:^|\/)generated\/|(?:^|\/)package-lock\.json$|^openapi\.json$|\.snap\.sql$/;

/** Every text file under `root` that a person wrote. */
export function readTree(root: string): SourceFile[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => notOurs.has(part)))
    .filter((path) => text.test(path) && !generated.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function lineOf(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}

/** One line per violation, as an assertion shows it. */
export function told(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, says }) =>
    line === undefined ? `${path}: ${says}` : `${path}:${line}: ${says}`,
  );
}
