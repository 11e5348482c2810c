import assert from 'node:assert/strict';
import { test } from 'node:test';
import { program } from '../test/program.ts';

const told = (...args: string[]) => program(args, {}).ended;

test('--help lists the commands, and each command teaches itself', async () => {
  const overview = await told('--help');
  assert.equal(overview.code, 0);
  const list = /Commands\n([\s\S]+?)\n\n/.exec(overview.out)?.[1] ?? '';
  const names = list.split('\n').map((line) => line.trim().split(' ')[0] ?? '');
  assert.ok(names.includes('serve') && names.includes('migrate'), names.join());
  const pages = await Promise.all(names.map((name) => told(name, '--help')));
  for (const [index, { code, out }] of pages.entries()) {
    assert.equal(code, 0);
    assert.match(out, RegExp(`^medconnect ${names[index]}[\\s\\S]+Examples\n`));
  }
});

test('a word that is no command is refused with what was meant', async () => {
  const { code, out, err } = await told('sevre');
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /^medconnect: there is no command sevre\. Did you mean serve\?\n/);
  assert.equal((await told('constructor')).code, 2);
});

test('an unknown option is refused in a line', async () => {
  const { code, err } = await told('serve', '--port', '80');
  assert.equal(code, 2);
  assert.match(err, /^medconnect: Unknown option '--port'[^\n]+\n$/);
});
