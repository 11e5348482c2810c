import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as breath } from 'node:timers/promises';
import { type Claim, Turns } from './turns.ts';

const claim = (more: Partial<Claim> = {}): Claim => ({
  names: [],
  alone: false,
  bytes: 1,
  ...more,
});

/** Starts each in order; returns who is running whenever something may have changed. */
function stage(width: number) {
  const turns = new Turns(width);
  const running = new Map<string, () => void>();
  const starts: Promise<void>[] = [];
  let queue = Promise.resolve();
  return {
    turns,
    add(name: string, more?: Partial<Claim>) {
      queue = queue.then(() =>
        turns.start(claim(more), () => new Promise((resolve) => running.set(name, resolve))),
      );
      starts.push(queue);
    },
    async end(name: string) {
      running.get(name)?.();
      running.delete(name);
      await breath();
    },
    async now() {
      await breath();
      return [...running.keys()].join(' ');
    },
  };
}

test('no more than the width run at once, and the next one starts as soon as one ends', async () => {
  const s = stage(2);
  for (const name of ['a', 'b', 'c']) s.add(name);
  assert.equal(await s.now(), 'a b');
  await s.end('b');
  assert.equal(await s.now(), 'a c');
});

test('what writes a record that is being written waits, so that the later text wins', async () => {
  const s = stage(4);
  s.add('a', { names: ['Patient/1', 'Patient/2'] });
  s.add('b', { names: ['Patient/3'] });
  s.add('c', { names: ['Patient/2'] });
  assert.equal(await s.now(), 'a b');
  await s.end('a');
  assert.equal(await s.now(), 'b c');
});

test('what may write any record runs alone', async () => {
  const s = stage(4);
  s.add('a');
  s.add('alone', { alone: true });
  s.add('b');
  assert.equal(await s.now(), 'a');
  await s.end('a');
  assert.equal(await s.now(), 'alone');
  await s.end('alone');
  assert.equal(await s.now(), 'b');
});

test('a text larger than all memory given runs by itself rather than never', async () => {
  const s = stage(4);
  s.add('a');
  s.add('large', { bytes: 10 ** 9 });
  assert.equal(await s.now(), 'a');
  await s.end('a');
  assert.equal(await s.now(), 'large');
});

test('the first failure is thrown to whoever starts or waits next', async () => {
  const turns = new Turns(2);
  await turns.start(claim(), () => Promise.reject(new Error('disk full')));
  await assert.rejects(turns.idle(), /disk full/);
  await assert.rejects(
    turns.start(claim(), async () => undefined),
    /disk full/,
  );
});
