import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { emptyFolder } from '../../test/program.ts';
import { migrationFolders } from '../store.ts';
import { openApiText } from './openapi.ts';

let t: TestDatabase;
let folder = '';
before(async () => {
  [t, folder] = await Promise.all([testDatabase(await migrationFolders()), emptyFolder()]);
});
after(async () => {
  await t.close();
  await rm(folder, { recursive: true, force: true });
});

test('openapi.json is what the routes give; `npm run openapi` writes it anew', async () => {
  const committed = await readFile(join(import.meta.dirname, '../../openapi.json'), 'utf8');
  assert.equal(committed, await openApiText(t.database, folder));
});
