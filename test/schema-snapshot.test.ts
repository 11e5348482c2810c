import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { migrationFolders } from '../src/store.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { difference } from './guard/line-difference.ts';
import { schemaText } from './guard/schema-text.ts';

const snapshot = join(import.meta.dirname, 'schema.snap.sql');
const command = 'UPDATE_SNAPSHOT=1 npm test -- test/schema-snapshot.test.ts';
const heading = `-- What the migrations make, for review. Written by:\n-- ${command}\n\n`;

let t: TestDatabase;
let superuser: pg.Client;
before(async () => {
  t = await testDatabase(await migrationFolders());
  superuser = new pg.Client({ connectionString: t.url });
  await superuser.connect();
});
after(async () => {
  await superuser.end();
  await t.close();
});

test('the schema is the one in review', async () => {
  const now = heading + (await schemaText(superuser));
  if (process.env['UPDATE_SNAPSHOT'] === '1') return writeFile(snapshot, now);
  const then = await readFile(snapshot, 'utf8').catch(() => '');
  const changed = difference(then, now);
  assert.ok(
    changed === '',
    `The schema changed:\n\n${changed}\nIf that is meant, write it down: ${command}`,
  );
});

test('what changed is shown with the table it changed in', async () => {
  const then = await schemaText(superuser);
  await superuser.query('begin');
  try {
    await superuser.query(`
      alter table records.token add column clear_text text;
      alter table records.token no force row level security;
      grant update on audit.event to medconnect`);
    const changed = difference(then, await schemaText(superuser));
    assert.match(changed, /^ table records\.token$[\s\S]*^\+ {3}clear_text text$/m);
    assert.match(changed, /^- {3}row-level security enabled, forced$/m);
    assert.match(changed, /^\+ {3}medconnect may INSERT, REFERENCES, SELECT, TRIGGER, UPDATE$/m);
    assert.ok(changed.split('\n').length < 30, changed);
  } finally {
    await superuser.query('rollback');
  }
  assert.equal(difference(then, await schemaText(superuser)), '');
});
