import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { emptyRoot } from './merkle-tree.ts';
import {
  formatVerifierKey,
  type NoteVerifier,
  openNote,
  parseVerifierKey,
  signNote,
} from './signed-note.ts';

const name = 'example.org/log';
const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);

function verifier(line: string): NoteVerifier {
  const parsed = parseVerifierKey(line);
  assert.ok(parsed);
  return parsed;
}

const ours = verifier(formatVerifierKey(name, publicKey));
const text = formatCheckpoint({ origin: name, size: 0, root: emptyRoot });

test('the example note of the Go implementation opens with its published key', () => {
  const peter = verifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  const note =
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
  assert.match(openNote(note, [peter]) ?? '', /^If you think/);
  assert.equal(openNote(note.replace('think', 'thank'), [peter]), undefined);
});

test('a checkpoint signed is opened again, with its size and root', () => {
  const note = signNote(text, { name, privateKey });
  const opened = openNote(note, [ours]);
  assert.equal(opened, text);
  assert.deepEqual(parseCheckpoint(text), { origin: name, size: 0, root: emptyRoot });
});

test('an edited text, another key, another name and a cut signature do not open', () => {
  const note = signNote(text, { name, privateKey });
  const other = verifier(
    formatVerifierKey(name, createPublicKey(generateKeyPairSync('ed25519').privateKey)),
  );
  const renamed = verifier(formatVerifierKey('example.org/other', publicKey));
  assert.equal(openNote(note.replace('\n0\n', '\n1\n'), [ours]), undefined);
  assert.equal(openNote(note, [other]), undefined);
  assert.equal(openNote(note, [renamed]), undefined);
  assert.equal(openNote(note.slice(0, -8), [ours]), undefined);
  assert.equal(openNote('', [ours]), undefined);
});

test('signatures by keys we do not know are passed over', () => {
  const theirs = signNote(text, {
    name: 'witness',
    privateKey: generateKeyPairSync('ed25519').privateKey,
  });
  const line = theirs.slice(text.length + 1);
  assert.equal(openNote(signNote(text, { name, privateKey }) + line, [ours]), text);
});

test('a verifier key whose id, type or length is wrong is refused', () => {
  const line = formatVerifierKey(name, publicKey);
  const [, id = '', key = ''] = line.split('+');
  assert.equal(parseVerifierKey(line.replace(id, '00000000')), undefined);
  assert.equal(parseVerifierKey(line.replace(name, 'another')), undefined);
  assert.equal(parseVerifierKey(line.replace(key, 'AAAA')), undefined);
});

test('a text that is no checkpoint is told apart', () => {
  for (const broken of [
    '',
    'a\n',
    'a\n01\nAA==\n',
    text.replace('\n0\n', '\n-1\n'),
    'a\n1\nAAA=\n',
  ]) {
    assert.equal(parseCheckpoint(broken), undefined);
  }
});
