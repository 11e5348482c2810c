import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapComments } from '../scripts/wrap-comment.ts';

const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ');

test('a long comment flows into the next line of the same paragraph', () => {
  assert.equal(
    wrapComments(`// ${words(22)}\n// end\nf();\n`),
    `// ${words(19)}\n// ${words(3)} end\nf();\n`,
  );
});

test('a long docstring of one line becomes a block', () => {
  assert.equal(
    wrapComments(`  /** ${words(22)} */\n  f();\n`),
    `  /**\n   * ${words(19)}\n   * ${words(3)}\n   */\n  f();\n`,
  );
});

test('a list, a table and an empty line keep their place', () => {
  const block = `/**\n * ${words(22)}\n * - one\n *\n * | a | b |\n */\n`;
  assert.equal(
    wrapComments(block),
    `/**\n * ${words(19)}\n * ${words(3)}\n * - one\n *\n * | a | b |\n */\n`,
  );
});

test('a long trailing comment moves above its line', () => {
  const code = `  const ${'a'.repeat(90)} = 1;`;
  assert.equal(wrapComments(`${code} // why\n`), `  // why\n${code}\n`);
});

test('strings that look like comments, short comments and long words stay as they are', () => {
  for (const text of [
    `const a = '// ${words(30)}';\n`,
    `const a = \`\n// ${words(30)}\n\`;\n`,
    `// biome-ignore lint/a/b: ${words(30)}\n`,
    `// https://example.org/${'a'.repeat(100)}\n`,
    '// short\n',
  ]) {
    assert.equal(wrapComments(text), text);
  }
});
