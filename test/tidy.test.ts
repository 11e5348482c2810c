import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededTree } from './guard/seeded-tree.ts';
import { projectRoot, readTree, told } from './guard/source-tree.ts';
import { tidyFaults } from './guard/tidy.ts';

function seeded(path: string, text: string): string[] {
  return told(tidyFaults(seededTree({ [path]: text })));
}

const path = 'src/platform/seed.ts';

test('every file a person wrote keeps the rules of size and name', () => {
  assert.deepEqual(told(tidyFaults(readTree(projectRoot))), []);
});

test('a tree without sources is a fault', () => {
  assert.deepEqual(told(tidyFaults([])), ['.: no source file seen']);
});

test('a file of 401 lines is named, one of 400 is not', () => {
  assert.deepEqual(seeded(path, 'f();\n'.repeat(400)), []);
  assert.deepEqual(seeded(path, 'f();\n'.repeat(401)), [`${path}: 401 lines, at most 400`]);
});

test('a function of 71 lines is named, whatever its form', () => {
  const body = '  f();\n'.repeat(69);
  const says = [`${path}:1: function of 71 lines, at most 70`];
  assert.deepEqual(seeded(path, `function a() {\n${body}}\n`), says);
  assert.deepEqual(seeded(path, `export const a = async () => {\n${body}};\n`), says);
  assert.deepEqual(seeded(path, `test('x', () => {\n${body}});\n`), says);
  assert.deepEqual(seeded(path, `function a(\n  b: C,\n): D {\n${'  f();\n'.repeat(67)}}\n`), says);
  assert.deepEqual(seeded(path, `class A {\n  b(c: D) {\n${'    f();\n'.repeat(69)}  }\n}\n`), [
    `${path}:2: function of 71 lines, at most 70`,
  ]);
  assert.deepEqual(seeded(path, `function a() {\n${'  f();\n'.repeat(68)}}\n`), []);
  assert.deepEqual(seeded(path, `describe('x', () => {\n${body}});\n`), []);
});

test('a line of 101 columns is named, unless a literal makes it long', () => {
  assert.deepEqual(seeded(path, `const ${'a'.repeat(101)} = 1;\n`), [
    `${path}:1: more than 100 columns`,
  ]);
  assert.deepEqual(seeded(path, `const a = '${'a'.repeat(101)}';\n`), []);
  assert.deepEqual(seeded(path, `// ${'why '.repeat(30)}\n`), [`${path}:1: more than 100 columns`]);
});

test('names that say nothing are named: files, folders, types', () => {
  assert.deepEqual(seeded('src/platform/utils/a.ts', ''), [
    'src/platform/utils/a.ts: the name says nothing: utils',
  ]);
  assert.deepEqual(seeded('src/platform/token-helper.ts', ''), [
    'src/platform/token-helper.ts: the name says nothing: helper',
  ]);
  assert.deepEqual(seeded('src/platform/service-token.ts', ''), []);
  assert.deepEqual(seeded(path, 'export class KeyManager {}\ninterface IKey {}\n'), [
    `${path}:1: the name says nothing: KeyManager`,
    `${path}:2: I-prefixed: IKey`,
  ]);
});

test('a file name that is not kebab-case is named', () => {
  assert.deepEqual(seeded('src/platform/dataKey.ts', ''), [
    'src/platform/dataKey.ts: file names are kebab-case',
  ]);
});

test('a context without its README or door, or with too long ones, is named', () => {
  const room = 'src/contexts/phi';
  assert.deepEqual(seeded(`${room}/seal.ts`, ''), [
    `${room}/README.md: is missing`,
    `${room}/index.ts: is missing`,
  ]);
  const files = { [`${room}/README.md`]: 'a\n'.repeat(61), [`${room}/index.ts`]: 'b\n'.repeat(61) };
  assert.deepEqual(told(tidyFaults(seededTree(files))), [
    `${room}/README.md: 61 lines, at most 60`,
    `${room}/index.ts: 61 lines, at most 60`,
  ]);
});

test('any and the non-null assertion are named, their look-alikes are not', () => {
  assert.deepEqual(seeded(path, 'let a: any;\nb(c as any);\nconst d: Array<any> = [];\n'), [
    `${path}:1: any`,
    `${path}:2: any`,
    `${path}:3: any`,
  ]);
  assert.deepEqual(seeded(path, 'a!.b;\nf(c!);\nconst d = e[0]!;\n'), [
    `${path}:1: non-null assertion a!`,
    `${path}:2: non-null assertion c!`,
    `${path}:3: non-null assertion ]!`,
  ]);
  const innocent = "// any!\nconst s = 'any!';\nif (a !== b && !c) Promise.any([x]);\n";
  assert.deepEqual(seeded(path, innocent), []);
});

test('what is left for later, left out or silenced without a reason is named', () => {
  const later = ['TO', 'DO'].join('');
  assert.deepEqual(seeded(path, `// ${later}: bound this\n`), [
    `${path}:1: left for later: ${later}`,
  ]);
  assert.deepEqual(seeded(path, "test.only('a', f);\n"), [
    `${path}:1: runs only a part of the tests`,
  ]);
  assert.deepEqual(seeded(path, "test.skip('a', f);\nt.skip();\ntest('b', { skip: true }, f);\n"), [
    `${path}:1: skipped without a reason`,
    `${path}:2: skipped without a reason`,
    `${path}:3: skipped without a reason`,
  ]);
  assert.deepEqual(seeded(path, "t.skip('no sample data here');\n"), []);
  const silence = ['@ts', 'ignore'].join('-');
  assert.deepEqual(seeded(path, `// ${silence}\n`), [
    `${path}:1: silenced without a reason: ${silence}`,
  ]);
});

test('a path of one machine or the host of a registry is named, in any file', () => {
  const place = ['', 'work', 'm'].join('/');
  const host = ['https:/', 'registry.e'].join('/');
  const files = { 'docs/a.md': `see ${place}ain\n${host}xample.org\n`, [path]: '' };
  assert.deepEqual(told(tidyFaults(seededTree(files))), [
    `docs/a.md:1: a machine's path: ${place}`,
    `docs/a.md:2: a registry's host: ${host}`,
  ]);
});
