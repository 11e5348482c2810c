import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import type { SubjectKey } from '#phi';
import { type Group, groups } from '../../standards/fhir/sensitivity.ts';
import { openParts, type Place, pack, sealParts } from './envelope.ts';

const secret = Buffer.alloc(32, 7);
const nonce = Buffer.alloc(12);
const opened: string[] = [];

/** AES-256-GCM like phi's, one nonce for all: only what is bound matters here. */
const key: SubjectKey = {
  seal(plain, context) {
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  },
  open(sealed, context) {
    opened.push(context);
    const cipher = createDecipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(context));
    cipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  },
  commitment: () => Buffer.alloc(16),
};

const place: Place = { type: 'Patient', id: 'ann', version: 3 };
const everything: ReadonlySet<Group> = new Set(groups);
const parts = new Map<Group, string>([
  ['identity', '"birthDate":"1970-05-12"'],
  ['contact', `"telecom":[${'{"value":"5551234"},'.repeat(60)}{"value":"1"}]`],
  ['administrative', '"active":true'],
]);
const meta = '"tag":[{"code":"t"}]';

function seal(at: Place = place): Buffer {
  return sealParts(key, at, pack(at.type, parts, meta));
}

test('what is sealed opens again, short and long parts, with meta in exactly one of them', () => {
  const sealed = seal();
  const { opened: found, withheld } = openParts(key, place, sealed, everything);
  assert.deepEqual(withheld, []);
  assert.deepEqual([...found.keys()], [...parts.keys()]);
  for (const [group, text] of parts) {
    const whole = found.get(group)?.toString() ?? '';
    assert.equal(whole, `${group === 'administrative' ? meta : ''}\n${text}`);
  }
  assert.ok(sealed.length < [...parts.values()].join('').length, 'the long part is compressed');
});

test('a group withheld is named and its key is not touched', () => {
  opened.length = 0;
  const found = openParts(key, place, seal(), new Set<Group>(['administrative']));
  assert.deepEqual(found.withheld, ['identity', 'contact']);
  assert.deepEqual([...found.opened.keys()], ['administrative']);
  assert.equal(opened.length, 1);
});

test('a part moved to another record, version or type does not open', () => {
  const sealed = seal();
  const others: Place[] = [
    { ...place, id: 'bob' },
    { ...place, version: 4 },
    { ...place, type: 'Person' },
  ];
  for (const other of others) assert.throws(() => openParts(key, other, sealed, everything));
});

test('a part under another group’s name, or said to be packed otherwise, does not open', () => {
  const only = sealParts(key, place, pack('Patient', new Map([['identity', '"a":1']]), undefined));
  for (const [at, value] of [
    [0, groups.indexOf('administrative')],
    [1, 255],
    [only.length - 1, (only.at(-1) ?? 0) ^ 1],
  ] as const) {
    const edited = Buffer.from(only);
    edited[at] = value;
    assert.throws(() => openParts(key, place, edited, everything));
  }
  assert.doesNotThrow(() => openParts(key, place, only, everything));
});

test('meta of a resource without elements is kept in a part of its own', () => {
  const sealed = sealParts(key, place, pack('Patient', new Map(), meta));
  const { opened: found } = openParts(key, place, sealed, everything);
  assert.equal(found.get('administrative')?.toString(), `${meta}\n`);
  assert.equal(sealParts(key, place, pack('Patient', new Map(), undefined)).length, 0);
});
