'use strict';
// npm test · npm test -- src/contexts/audit/chain.test.ts · npm test -- --test-name-pattern='retry'
const { availableParallelism } = require('node:os');
const { run } = require('./run.cjs');

const everything = ['src/**/*.test.ts', 'test/**/*.test.ts'];
const given = process.argv.slice(2);
const named = given.some((argument) => !argument.startsWith('-'));
const files = Math.min(4, Math.max(2, availableParallelism())); // they share one PostgreSQL
const timeoutMs = 600_000; // of one file; the slowest kill test needs a tenth of it

void run([
  '--test',
  '--test-reporter=spec',
  '--test-global-setup=test/global-setup.ts',
  `--test-concurrency=${files}`,
  `--test-timeout=${timeoutMs}`,
  ...given,
  ...(named ? [] : everything),
]);
