// Rewrites src/generated: runs each generate-*.ts beside this file, in the order of their names.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const generators = readdirSync(import.meta.dirname)
  .filter((name) => /^generate-.*\.ts$/.test(name))
  .sort();
for (const name of generators) {
  console.log(name);
  const file = join(import.meta.dirname, name);
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
