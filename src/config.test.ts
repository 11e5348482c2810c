import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { test } from 'node:test';
import { readConfig } from './config.ts';

function mistakesOf(env: Record<string, string>): string[] {
  const result = readConfig(env);
  return 'mistakes' in result ? result.mistakes : [];
}

const masterKey = Buffer.alloc(32, 7).toString('base64');

test('nothing needs to be set', () => {
  const result = readConfig({ PORT: '', HOME: '/home/someone' });
  assert.ok('config' in result);
  const { host, port, mode, dataFolder, databaseUrl } = result.config;
  assert.deepEqual([host, port, mode, databaseUrl], ['127.0.0.1', 8080, 'development', undefined]);
  assert.ok(isAbsolute(dataFolder));
});

test('every mistake is told at once', () => {
  const mistakes = mistakesOf({
    PORT: '80a',
    NODE_ENV: 'prod',
    DATABASE_URL: 'mysql://x',
    MEDCONNECT_LOG_LEVEL: 'loud',
    MEDCONNECT_MASTER_KEY: 'short',
  });
  assert.deepEqual(
    mistakes.map((line) => line.split(' ')[0]),
    ['PORT', 'NODE_ENV', 'DATABASE_URL', 'MEDCONNECT_MASTER_KEY', 'MEDCONNECT_LOG_LEVEL'],
  );
});

test('a mistake in a secret does not show the secret', () => {
  const secrets = {
    DATABASE_URL: 'mysql://u:hidden@h/d',
    MEDCONNECT_MASTER_KEY: 'hidden',
    MEDCONNECT_DEMO_PASSWORD: 'hidden',
  };
  const mistakes = mistakesOf(secrets);
  assert.equal(mistakes.length, 3);
  assert.doesNotMatch(mistakes.join(), /hidden/);
});

test('a misspelt setting is refused with the name that was meant', () => {
  assert.deepEqual(mistakesOf({ MEDCONNECT_LOGLEVEL: 'debug', MEDCONNECT_PORT: '1' }), [
    'MEDCONNECT_LOGLEVEL is not a setting; did you mean MEDCONNECT_LOG_LEVEL?',
    'MEDCONNECT_PORT is not a setting; did you mean PORT?',
  ]);
  assert.deepEqual(mistakesOf({ MEDCONNECT_SOMETHING_ELSE: '1' }), [
    'MEDCONNECT_SOMETHING_ELSE is not a setting',
  ]);
});

test('production needs real secrets and knows no demo', () => {
  const mistakes = mistakesOf({ NODE_ENV: 'production', MEDCONNECT_DEMO_PASSWORD: 'x'.repeat(12) });
  assert.equal(mistakes.length, 2);
  assert.match(mistakes[0] ?? '', /^MEDCONNECT_MASTER_KEY is needed in production/);
  assert.match(mistakes[1] ?? '', /^MEDCONNECT_DEMO_PASSWORD is set/);
  assert.ok('config' in readConfig({ NODE_ENV: 'production', MEDCONNECT_MASTER_KEY: masterKey }));
});
