import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';

test('seed, index and stream each make another sequence', () => {
  const first = (seed: number, index: number, stream: number) =>
    [...Array(4)]
      .map(
        (
          (random) => () =>
            random.word()
        )(new Random(seed, index, stream)),
      )
      .join();
  const sequences = [first(1, 0, 1), first(2, 0, 1), first(1, 1, 1), first(1, 0, 2)];
  assert.equal(new Set(sequences).size, sequences.length);
  assert.equal(first(1, 0, 1), sequences[0]);
});

test('neighbouring indexes share no identifiers', () => {
  const ids = new Set<string>();
  for (let index = 0; index < 20_000; index += 1) ids.add(new Random(7, index, 5).uuid());
  assert.equal(ids.size, 20_000);
});

test('identifiers are version 4 UUIDs', () => {
  const random = new Random(1, 2, 3);
  for (let draw = 0; draw < 200; draw += 1) {
    assert.match(
      random.uuid(),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});

test('uniform draws are even, normal draws have mean 0 and deviation 1', () => {
  const random = new Random(11, 0, 1);
  const buckets = [0, 0, 0, 0];
  let sum = 0;
  let squares = 0;
  const draws = 40_000;
  for (let draw = 0; draw < draws; draw += 1) {
    const bucket = random.integer(0, 3);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    const normal = random.normal();
    sum += normal;
    squares += normal * normal;
  }
  for (const count of buckets) assert.ok(Math.abs(count / draws - 0.25) < 0.01);
  assert.ok(Math.abs(sum / draws) < 0.03);
  assert.ok(Math.abs(squares / draws - 1) < 0.04);
});

test('a pick from nothing is refused', () => {
  assert.throws(() => new Random(1, 1, 1).pick([]), RangeError);
});
