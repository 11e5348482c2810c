import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFhirPath, nodeOf } from './fhirpath.ts';

const now = new Date(0);
const checks = compileFhirPath('text.`div`.htmlChecks()');
const holds = (div: string) =>
  checks.test(nodeOf({ resourceType: 'Patient', text: { status: 'generated', div } }), { now });
const inDiv = (content: string) =>
  holds(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`);

test('formatting, tables, links and images make a narrative', () => {
  assert.equal(inDiv('<p>Peter &amp; <b>Paul</b>&#160;<br/></p>'), true);
  assert.equal(inDiv('<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>'), true);
  assert.equal(inDiv('<a href="http://x.y">x</a><!-- a comment -->'), true);
  assert.equal(inDiv('<img src="#a" alt="x"/>'), true);
  assert.equal(inDiv('<p style=\'color: red\' xml:lang="en">x</p>'), true);
});

test('scripts, forms, frames and event handlers do not', () => {
  assert.equal(inDiv('<script>x</script>'), false);
  assert.equal(inDiv('<p onclick="x()">x</p>'), false);
  assert.equal(inDiv('<iframe src="x"/>x'), false);
  assert.equal(inDiv('<form>x</form>'), false);
});

test('nothing to read is no narrative', () => {
  assert.equal(inDiv(''), false);
  assert.equal(inDiv(' \n<p> </p>'), false);
});

test('what is not one well-formed div of XHTML is no narrative', () => {
  assert.equal(holds('<div>x</div>'), false);
  assert.equal(holds('<p xmlns="http://www.w3.org/1999/xhtml">x</p>'), false);
  assert.equal(holds('text'), false);
  assert.equal(inDiv('<p>x'), false);
  assert.equal(inDiv('<b><i>x</b></i>'), false);
  assert.equal(inDiv('a < b & c'), false);
  assert.equal(inDiv('<p class="a" class="b">x</p>'), false);
  assert.equal(inDiv('<!-- x'), false);
  assert.equal(inDiv('</div><div xmlns="http://www.w3.org/1999/xhtml">x'), false);
});

test('a megabyte is checked in linear time', () => {
  const before = process.cpuUsage().user;
  assert.equal(inDiv('<b '.repeat(300_000)), false);
  assert.equal(inDiv(`<b${' '.repeat(900_000)}`), false);
  assert.equal(inDiv('<p>x</p>'.repeat(100_000)), true);
  assert.ok(process.cpuUsage().user - before < 3_000_000, 'under 3 s, on a busy machine');
});
