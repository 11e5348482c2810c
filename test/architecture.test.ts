import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ContextCalls, contexts } from '../contexts.ts';
import { architectureFaults, doorFaults, tableFaults } from './guard/architecture.ts';
import { seededTree } from './guard/seeded-tree.ts';
import { projectRoot, readTree, told } from './guard/source-tree.ts';

const table: Record<string, ContextCalls> = {
  upper: { calls: ['lower'], types: ['shape'], why: 'example' },
  shape: { calls: [], why: 'example' },
  lower: { calls: [], why: 'example' },
};
const rooms = {
  'src/contexts/upper/index.ts': "import { ask } from '#lower';\nexport { ask };\n",
  'src/contexts/shape/index.ts': 'export type Shape = string;\n',
  'src/contexts/lower/index.ts': 'export const ask = 1;\n',
};

function seeded(path: string, text: string): string[] {
  return told(architectureFaults(seededTree({ ...rooms, [path]: text }), table));
}

test('every import of the product keeps to the floors, the doors and the table', () => {
  assert.deepEqual(told(architectureFaults(readTree(projectRoot), contexts)), []);
});

test('package.json opens one door for each context and no other', () => {
  const manifest: { imports: Record<string, unknown> } = JSON.parse(
    readFileSync(join(projectRoot, 'package.json'), 'utf8'),
  );
  assert.deepEqual(told(doorFaults(manifest.imports, contexts)), []);
  assert.deepEqual(told(doorFaults({ '#upper': './src/contexts/upper/inside.ts' }, table)), [
    'package.json: imports #upper: ./src/contexts/upper/index.ts',
    'package.json: imports #shape: ./src/contexts/shape/index.ts',
    'package.json: imports #lower: ./src/contexts/lower/index.ts',
  ]);
});

test('a sound tree has no fault, and a tree without sources is one', () => {
  assert.deepEqual(told(architectureFaults(seededTree(rooms), table)), []);
  assert.deepEqual(told(architectureFaults([], table)), ['src: no source file seen']);
});

test('a circle in the table is named', () => {
  const circle = { ...table, lower: { calls: ['upper'], why: 'seeded' } };
  assert.match(told(tableFaults(circle)).join('\n'), /circle: upper → lower → upper/);
});

test('a call up the table is named', () => {
  assert.deepEqual(seeded('src/contexts/lower/up.ts', "import { x } from '#upper';\n"), [
    'src/contexts/lower/up.ts:1: lower may not call #upper: see contexts.ts',
  ]);
});

test('a value from a door that may only lend its types is named', () => {
  const path = 'src/contexts/upper/a.ts';
  assert.deepEqual(seeded(path, "import type { Shape } from '#shape';\n"), []);
  assert.deepEqual(seeded(path, "import { type Shape } from '#shape';\n"), []);
  assert.deepEqual(seeded(path, "import { type Shape, cut } from '#shape';\n"), [
    `${path}:1: upper may import types only from #shape`,
  ]);
});

test('a deep import is named, however it is written', () => {
  const path = 'src/contexts/upper/deep.ts';
  for (const text of [
    "import { x } from '../lower/inside.ts';\n",
    "import {\n  x,\n} from '../lower/inside.ts';\n",
    "export * from '../lower/inside.ts';\n",
    "const x = await import('../lower/inside.ts');\n",
    "import '../lower/inside.ts';\n",
  ]) {
    assert.deepEqual(seeded(path, text), [`${path}:1: reaches into lower: go through #lower`]);
  }
});

test('the composition root too goes through the doors, and no one imports it', () => {
  assert.deepEqual(seeded('src/app.ts', "import { x } from './contexts/lower/index.ts';\n"), [
    'src/app.ts:1: reaches into lower: go through #lower',
  ]);
  assert.deepEqual(seeded('src/platform/a.ts', "import { port } from '../config.ts';\n"), [
    'src/platform/a.ts:1: src/config.ts stands above: it is handed down, not imported',
  ]);
});

test('the three floors are held apart', () => {
  assert.deepEqual(seeded('src/platform/a.ts', "import { x } from '#lower';\n"), [
    'src/platform/a.ts:1: platform knows no context: #lower',
  ]);
  assert.deepEqual(seeded('src/platform/a.ts', "import { x } from '../standards/fhir/x.ts';\n"), [
    'src/platform/a.ts:1: platform knows no domain word',
  ]);
  assert.deepEqual(seeded('src/standards/a.ts', "import { x } from '../platform/x.ts';\n"), [
    'src/standards/a.ts:1: standards know nothing of platform',
  ]);
});

test('standards neither read nor wait nor look at a clock, but may read what was generated', () => {
  const path = 'src/standards/fhir/a.ts';
  assert.deepEqual(seeded(path, "import { connect } from 'node:net';\n"), [
    `${path}:1: standards are pure: node:net`,
  ]);
  assert.deepEqual(seeded(path, 'const now = Date.now();\n'), [
    `${path}:1: standards have no clock, chance or outside: Date.now(`,
  ]);
  const read = "import { readFileSync } from 'node:fs';\nreadFileSync('../generated/x');\n";
  assert.deepEqual(seeded(path, read), []);
  assert.deepEqual(seeded(path, "import { readFileSync } from 'node:fs';\n"), [
    `${path}:1: standards are pure: node:fs`,
  ]);
});

test('product code that imports a double or a test is named, a test that does is not', () => {
  const line = "import { x } from '../../../test/x.ts';\n";
  assert.deepEqual(seeded('src/contexts/lower/a.ts', line), [
    'src/contexts/lower/a.ts:1: product code never imports test/',
  ]);
  assert.deepEqual(seeded('src/contexts/lower/a.test.ts', line), []);
});

test('a context that the table does not know is named', () => {
  assert.deepEqual(seeded('src/contexts/stray/index.ts', 'export {};\n'), [
    'src/contexts/stray: not in contexts.ts',
  ]);
});
