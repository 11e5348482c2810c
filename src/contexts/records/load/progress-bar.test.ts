import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadProgress } from './progress-bar.ts';
import { duration, progressBar, progressLine } from './progress-bar.ts';
import { ProgressWriter } from './progress-writer.ts';

const some: LoadProgress = {
  bytesRead: 42,
  bytesTotal: 100,
  resources: 243_909,
  refused: 3,
  elapsedMs: 57_930,
};

test('the bar tells share, rate, time left and refusals', () => {
  const bar = progressBar(some, 80);
  assert.match(bar, /^▇+░+ 42 % {2}4,210 resources\/s {2}1 m 20 s left {2}3 refused$/);
  assert.ok(bar.length <= 80);
});

test('no bar is wider than its terminal, however narrow or wide that is', () => {
  for (let columns = 0; columns < 300; columns += 1) {
    assert.ok(progressBar(some, columns).length <= columns, `${columns} columns`);
  }
  assert.equal(progressBar(some, 27), '42 %  4,210 resources/s');
  assert.equal(progressBar(some, 9), '42 %');
});

test('the start forecasts nothing, the end tells the time taken', () => {
  assert.match(
    progressBar({ ...some, bytesRead: 0, resources: 0, elapsedMs: 0, refused: 0 }, 80),
    /░ 0 % {2}0 resources\/s$/,
  );
  assert.match(progressBar({ ...some, bytesRead: 100 }, 80), /▇ 100 % .* 58 s taken/);
  assert.match(progressBar({ ...some, bytesTotal: 0, bytesRead: 0 }, 80), /100 %/);
});

test('durations are told in the two units that matter', () => {
  assert.deepEqual([0, 45_000, 80_000, 7_500_000].map(duration), [
    '0 s',
    '45 s',
    '1 m 20 s',
    '2 h 5 m',
  ]);
});

test('a terminal is redrawn at most ten times a second, a refusal stays above the bar', () => {
  const written: string[] = [];
  let now = 0;
  const target = { isTTY: true, columns: 60, write: (text: string) => written.push(text) };
  const writer = new ProgressWriter(target, () => now);
  for (now = 0; now < 1000; now += 10) writer.show(some);
  assert.equal(written.length, 10);
  assert.ok(written.every((text) => text.startsWith('\r\u001b[2K') && !text.includes('\n')));
  writer.say('line 3: refused');
  assert.equal(written.at(-2), '\r\u001b[2Kline 3: refused\n');
  assert.match(written.at(-1) ?? '', /42 %/);
  writer.end();
  assert.equal(written.at(-1), '\n');
});

test('elsewhere a plain line is written every five seconds, and the last one', () => {
  const written: string[] = [];
  let now = 0;
  const writer = new ProgressWriter({ write: (text: string) => written.push(text) }, () => now);
  for (now = 0; now < 20_000; now += 100) writer.show(some);
  writer.say('line 3: refused');
  writer.end();
  assert.equal(written.length, 4 + 1 + 1);
  assert.equal(written[0], `${progressLine(some)}\n`);
  assert.equal(
    progressLine(some),
    '243,909 resources  42 %  4,210 resources/s  1 m 20 s left  3 refused',
  );
  assert.ok(!written.join('').includes('\u001b'));
});
