import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces, without } from './lexer.ts';

function literals(source: string): string[] {
  return pieces(source)
    .filter(({ kind }) => kind === 'literal')
    .map(({ start, end }) => source.slice(start, end));
}

test('strings, templates with nested templates and regular expressions are literals', () => {
  assert.deepEqual(literals("a('x\\'y', `p${f({ q: `in ${z}` })}s`, /[/`]x/g, 4 / 2 / 1)"), [
    "x\\'y",
    'p',
    'in ',
    '',
    's',
    '[/`]x',
  ]);
});

test('what is blanked keeps its lines and columns', () => {
  const source = "const a = 'b'; // c\nconst d = /* e\nf */ 1;\n";
  const bare = without(source, 'literal', 'comment');
  assert.equal(bare, "const a = ' ';     \nconst d =     \n     1;\n");
});
