import { without } from './lexer.ts';
import { lineOf } from './source-tree.ts';

/** One import or re-export; without `specifier`: a target that only run time knows. */
export type Import = {
  specifier: string | undefined;
  typeOnly: boolean;
  /** What stands between the braces, as written; '' for an import of everything. */
  names: string;
  line: number;
};

const statement = /^[ \t]*(?:import|export)\b([^;'"]*?)\bfrom\s*['"]([^'"]+)['"]/gm;
const sideEffect = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const atRunTime = /(?<![.\w])import\s*\(\s*(?:['"`]([^'"`$]+)['"`])?/g;

export function importsOf(source: string): Import[] {
  const text = without(source, 'comment');
  const found: Import[] = [];
  for (const match of text.matchAll(statement)) {
    const [, clause = '', specifier] = match;
    const names = /\{([^}]*)\}/.exec(clause)?.[1]?.trim() ?? '';
    const each = names.split(',').filter((name) => name.trim() !== '');
    const allTypes = each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
    const typeOnly = /^\s*type\b/.test(clause) || (allTypes && /^\s*\{/.test(clause));
    found.push({ specifier, typeOnly, names, line: lineOf(text, match.index) });
  }
  for (const match of [...text.matchAll(sideEffect), ...text.matchAll(atRunTime)]) {
    const line = lineOf(text, match.index);
    found.push({ specifier: match[1], typeOnly: false, names: '', line });
  }
  return found.sort((a, b) => a.line - b.line);
}
