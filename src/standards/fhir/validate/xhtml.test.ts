import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainXhtml, xhtmlFault } from './xhtml.ts';

const div = (inside: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inside}</div>`;

test('narrative that R4 allows has no fault', () => {
  for (const inside of [
    'x',
    '<p>a <b>b</b><br/>&#160;&lt;</p>',
    '<table class="grid" border="1"><tr><td colspan="2" style="a">x</td></tr></table>',
    '<img src="#a" alt="b"/>',
    '<a href="http://x.example" title=\'t\'>x</a><!-- c -->',
  ]) {
    assert.equal(xhtmlFault(div(inside)), undefined, inside);
  }
});

test('narrative that is not well-formed, empty, or more than formatting is named', () => {
  const cases: [string, RegExp][] = [
    [div('<p>a'), /closed/],
    [div('<p>a</b>'), /closed/],
    [div('  '), /white space/],
    [div('<script>a</script>'), /element/],
    [div('<p onclick="a">x</p>'), /attribute/],
    [div('<p class="a" class="b">x</p>'), /twice/],
    [div('a &reg; b'), /entity/],
    [div('a & b'), /entity/],
    [div('a < b'), /well-formed/],
    ['<div>x</div>', /xmlns/],
    ['<div xmlns="http://x.example">x</div>', /xmlns/],
    ['<p xmlns="http://www.w3.org/1999/xhtml">x</p>', /<div>/],
    [`${div('x')}${div('y')}`, /one <div>/],
    [`x${div('x')}`, /outside/],
    [div('<b>'.repeat(300) + '</b>'.repeat(300)), /nested deeper/],
  ];
  for (const [text, says] of cases) assert.match(String(xhtmlFault(text)), says, text.slice(0, 80));
});

test('narrative made to be slow is not', () => {
  for (const inside of ['<', '&', '<p a="', '<!--', '<p ', ' ', '<b>', "<p a='' "]) {
    const before = process.cpuUsage();
    xhtmlFault(div(inside.repeat(200_000)));
    assert.ok(process.cpuUsage(before).user < 500_000, inside);
  }
});

test('what the fast answer passes, the slow one passes too', () => {
  const parts = ['x', ' ', '<p>', '</p>', '<br/>', '<b>', '</b>', '&amp;', '<a href="b">', '</a>'];
  let passed = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts, '<i', '/>', '</div>', '<div>')), (inside) => {
      const text = div(inside.join(''));
      if (!plainXhtml(text)) return;
      passed++;
      assert.equal(xhtmlFault(text), undefined, text);
    }),
    { numRuns: 5000 },
  );
  assert.ok(passed > 50);
});
