// npm run licenses: writes docs/licenses.md; with --check it says whether that file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dependency, licensesOutside, licenseTable } from './license-table.ts';

type LockEntry = {
  version?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
};

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'licenses.md');

/** Platform packages stand under the package that chooses among them: it has their license. */
function dependencies(): Dependency[] {
  const lock: { packages: Record<string, LockEntry> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(lock.packages)
    .filter(([place, entry]) => place !== '' && entry.os === undefined)
    .map(([place, entry]) => ({
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      license: entry.license ?? 'not stated',
      dev: entry.dev === true,
    }));
}

const found = dependencies();
const text = licenseTable(found);
const strangers = licensesOutside(found);
for (const { name, license } of strangers) console.error(`${name}: license ${license}`);
if (process.argv.includes('--check')) {
  const current = readFileSync(page, 'utf8') === text;
  if (!current) console.error('docs/licenses.md is out of date. Run: npm run licenses');
  if (!current || strangers.length > 0) process.exitCode = 1;
} else {
  writeFileSync(page, text);
  console.log(`docs/licenses.md: ${found.length} packages.`);
  if (strangers.length > 0) process.exitCode = 1;
}
