import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coverage } from './coverage.ts';
import { type Parser, parsers } from './parsers.ts';
import { brokenText } from './random-text.ts';
import { randomAt, runs, seed } from './seed.ts';

/** Of CPU: inputs have some hundred bytes. */
const mostMs = 500;
/** Texts that led somewhere new; the newest are broken most. */
const mostKept = 2000;

function survives({ read, refusals }: Parser, text: Buffer, at: string): void {
  const before = process.cpuUsage().user;
  try {
    read(text);
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) {
      throw new Error(`${at}: ${JSON.stringify(text.toString())} ${text.toString('base64')}`, {
        cause: error,
      });
    }
  }
  const ms = (process.cpuUsage().user - before) / 1000;
  assert.ok(ms < mostMs, `${at}: ${ms} ms: ${text.toString('base64')}`);
}

for (const [stream, [name, parser]] of Object.entries(parsers).entries()) {
  test(`${name}: whatever the text, it is read or refused`, async (t) => {
    t.diagnostic(`seed ${seed}`);
    const coverage = new Coverage();
    await coverage.start();
    const kept: Buffer[] = parser.seeds.map((text) => Buffer.from(text));
    for (const text of kept) survives(parser, text, name);
    await coverage.fresh();
    for (let index = 0; index < runs; index += 1) {
      const random = randomAt(index, 10 + stream);
      const from = random.chance(0.5) ? kept.slice(-20) : kept;
      const other = random.pick(kept).toString();
      const text = brokenText(random, String(random.pick(from)), other);
      if (text.length > 4000) continue;
      survives(parser, text, `${name}, seed ${seed}, text ${index}`);
      if ((await coverage.fresh()) > 0 && kept.length < mostKept) kept.push(text);
    }
    coverage.stop();
    t.diagnostic(`${kept.length} texts led somewhere new`);
    assert.ok(kept.length > parser.seeds.length, 'no text led anywhere: coverage is not seen');
  });
}
