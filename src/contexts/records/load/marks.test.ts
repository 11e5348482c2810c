import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marks } from './marks.ts';

test('a file is done up to where nothing is missing, whatever ends first', () => {
  const marks = new Marks(new Map([['kept', 7]]));
  const [first, second, third] = [100, 200, Infinity].map((ordinal) =>
    marks.begin({ key: 'file', ordinal }),
  );
  const done = () => marks.done().get('file');
  second?.();
  assert.equal(done(), 0);
  first?.();
  assert.equal(done(), 200);
  third?.();
  assert.equal(done(), Infinity);
  assert.equal(marks.done().get('kept'), 7, 'a file not read again stays where it was');
});
