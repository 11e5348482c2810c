import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contexts } from '../contexts.ts';
import { seededTree } from './guard/seeded-tree.ts';
import { projectRoot, readTree, told } from './guard/source-tree.ts';
import { sqlOwnerFaults } from './guard/sql-owner.ts';

function seeded(path: string, text: string): string[] {
  return told(sqlOwnerFaults(seededTree({ [path]: text }), ['audit', 'records']));
}

test('no context names the schema of another, and every migration stays in its own', () => {
  const tree = readTree(projectRoot);
  assert.ok(
    tree.some(({ path }) => path.endsWith('.sql')),
    'no migration seen',
  );
  assert.deepEqual(told(sqlOwnerFaults(tree, Object.keys(contexts))), []);
});

test('a tree without sources is a fault', () => {
  assert.deepEqual(told(sqlOwnerFaults([], ['audit'])), ['src: no source file seen']);
});

test('a query over a table of another context is named with its line', () => {
  const path = 'src/contexts/records/read.ts';
  const text =
    'const a = 1;\nexport const q = sql`\n  select id\n  from audit.event where id = ${a}`;\n';
  assert.deepEqual(seeded(path, text), [`${path}:4: names the schema of audit`]);
  assert.deepEqual(seeded(path, text.replace('audit.', 'records.')), []);
});

test('a join after an interpolation, a quoted name and a function call are seen too', () => {
  const path = 'src/contexts/records/read.ts';
  for (const text of [
    'sql`select 1 from records.a where x = ${x} and exists (select from audit.event)`;\n',
    'tx.run(\'delete from "audit"."event"\');\n',
    'sql`select audit.next(1)`;\n',
    'sql`select ${t}, audit.next(1)`;\n',
    'sql`select 1 from ${t} join audit.event e on true`;\n',
  ]) {
    assert.deepEqual(seeded(path, text), [`${path}:1: names the schema of audit`]);
  }
});

test('code, comments and problem codes that only look alike are left alone', () => {
  const path = 'src/contexts/records/read.ts';
  const text = [
    '// the row of audit.event is written by the door',
    'await audit.append(tx, event);',
    "throw refuse('records.version-unknown', 'No such version.');",
    "import { append } from '#audit';",
    '',
  ].join('\n');
  assert.deepEqual(seeded(path, text), []);
});

test('the composition root and the platform name no context', () => {
  assert.deepEqual(seeded('src/app.ts', 'sql`select count(*) from audit.event`;\n'), [
    'src/app.ts:1: names the schema of audit',
  ]);
  assert.deepEqual(seeded('src/platform/postgres/a.ts', 'sql`select 1 from records.v`;\n'), [
    'src/platform/postgres/a.ts:1: names the schema of records',
  ]);
});

test('a migration that makes a table elsewhere, or does not say where, is named', () => {
  const path = 'src/contexts/records/migrations/0001-version.sql';
  assert.deepEqual(seeded(path, 'create table audit.event (id int8);\n'), [
    `${path}:1: names the schema of audit`,
    `${path}:1: table in the schema of audit`,
  ]);
  assert.deepEqual(seeded(path, 'create table if not exists version (id int8);\n'), [
    `${path}:1: table version without its schema: records.version`,
  ]);
  assert.deepEqual(seeded(path, 'create policy p on version using (true);\n'), [
    `${path}:1: table version without its schema: records.version`,
  ]);
});

test('a foreign key that crosses, or hides where it goes, is named', () => {
  const path = 'src/contexts/records/migrations/0001-version.sql';
  const table = 'create table records.a (\n  b int8 references ';
  assert.deepEqual(seeded(path, `${table}records.b\n);\n`), []);
  assert.deepEqual(seeded(path, `${table}b\n);\n`), [
    `${path}:2: foreign key b without its schema: records.b`,
  ]);
  assert.deepEqual(seeded(path, `${table}audit.b\n);\n`), [
    `${path}:2: names the schema of audit`,
    `${path}:2: foreign key in the schema of audit`,
  ]);
});
