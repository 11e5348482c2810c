import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openInTurn } from './in-turn.ts';

test('one name goes one after the other, in order; another does not wait', async () => {
  const inTurn = openInTurn();
  const order: string[] = [];
  const work = (name: string, n: number, turns: number) =>
    inTurn(name, async () => {
      order.push(`${name}${n} begins`);
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      order.push(`${name}${n} ends`);
      if (n === 1) throw new Error('the first of a name fails');
    }).catch(() => undefined);
  await Promise.all([work('a', 1, 5), work('a', 2, 1), work('b', 1, 1), work('a', 3, 1)]);
  assert.deepEqual(
    order.filter((one) => one.startsWith('a')),
    ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends'],
  );
  assert.ok(order.indexOf('b1 ends') < order.indexOf('a1 ends'));
});

test('more than can wait are told to come back', async () => {
  const inTurn = openInTurn();
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = Array.from({ length: 5_000 }, () => inTurn('a', () => promise));
  await assert.rejects(
    inTurn('b', async () => undefined),
    /Too many writes/,
  );
  resolve();
  await Promise.all(all);
  assert.equal(await inTurn('b', async () => 1), 1);
});
