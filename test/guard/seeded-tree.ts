import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTree, type SourceFile } from './source-tree.ts';

/** The files written to a folder of their own and read back as the guard reads the project. */
export function seededTree(files: Record<string, string>): SourceFile[] {
  const root = mkdtempSync(join(tmpdir(), 'medconnect-guard-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return readTree(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
