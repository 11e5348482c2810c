// npm run format: breaks comments that run too long, then lets Biome format and mend the rest.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrapComments } from './wrap-comment.ts';

const root = join(import.meta.dirname, '..');
const files = globSync('{contexts.ts,{src,test,bench,scripts}/**/*.{ts,cjs}}', { cwd: root });
for (const name of files.filter((path) => !path.startsWith('src/generated/'))) {
  const file = join(root, name);
  const text = readFileSync(file, 'utf8');
  const wrapped = wrapComments(text);
  if (wrapped !== text) {
    writeFileSync(file, wrapped);
    console.log(`${name}: comments broken at column 100`);
  }
}
const biome = join(root, 'node_modules', '.bin', 'biome');
process.exitCode =
  spawnSync(biome, ['check', '--write'], { cwd: root, stdio: 'inherit' }).status ?? 1;
