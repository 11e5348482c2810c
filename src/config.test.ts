import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { test } from 'node:test';
import { settingsPage } from './commands/config.ts';
import { readConfig } from './config.ts';

function mistakesOf(env: Record<string, string>): string[] {
  const result = readConfig(env);
  return 'mistakes' in result ? result.mistakes : [];
}

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
    MEDCONNECT_ACCESS_TOKEN_SECONDS: '5',
  });
  assert.deepEqual(
    mistakes.map((line) => line.split(' ')[0]),
    ['PORT', 'NODE_ENV', 'DATABASE_URL', 'MEDCONNECT_ACCESS_TOKEN_SECONDS', 'MEDCONNECT_LOG_LEVEL'],
  );
});

test('a mistake in a secret does not show the secret', () => {
  const secrets = {
    DATABASE_URL: 'mysql://u:hidden@h/d',
    MEDCONNECT_ADMIN_PASSWORD: 'hidden',
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

test('production needs keys apart from the data, and knows no demo', () => {
  const production = { NODE_ENV: 'production', MEDCONNECT_DATA: '/srv/data' };
  const mistakes = mistakesOf({ ...production, MEDCONNECT_DEMO_PASSWORD: 'x'.repeat(12) });
  assert.equal(mistakes.length, 2);
  assert.match(mistakes[0] ?? '', /^MEDCONNECT_KEYRING is needed in production/);
  assert.match(mistakes[1] ?? '', /^MEDCONNECT_DEMO_PASSWORD is set/);
  assert.match(
    mistakesOf({ ...production, MEDCONNECT_KEYRING: '/srv/data/keys' })[0] ?? '',
    /inside the data folder/,
  );
  assert.ok('config' in readConfig({ ...production, MEDCONNECT_KEYRING: '/srv/keyring' }));
});

test('the page of settings is the one the table makes', async () => {
  const page = join(import.meta.dirname, '../docs/api/configuration.md');
  assert.equal(await readFile(page, 'utf8'), settingsPage());
});
