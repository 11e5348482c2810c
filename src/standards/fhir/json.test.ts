import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalText, decimalValue, isDecimal, JsonRefused, parseResourceJson } from './json.ts';

type Limits = Parameters<typeof parseResourceJson>[1];

function refused(source: string | Buffer, limits?: Limits): JsonRefused {
  try {
    parseResourceJson(source, limits);
  } catch (thrown) {
    if (thrown instanceof JsonRefused) return thrown;
    throw thrown;
  }
  return assert.fail('it was not refused');
}

test('numbers keep their text, whatever doubles would make of them', () => {
  const texts = ['1.00', '0', '-0', '1e3', '12345678901234567890.5', '0.0000001', '-7.10', '1e999'];
  const text = `{"a":[${texts.join(',')},1.5,100,0.25,-3,9007199254740993]}`;
  assert.equal(JSON.stringify(parseResourceJson(text)), text);
});

test('a decimal tells its text and its value', () => {
  const { a, b, c } = parseResourceJson('{"a":1.00,"b":1.5,"c":{"rawJSON":"1.00"}}');
  assert.ok(isDecimal(a) && isDecimal(b));
  assert.equal(decimalText(a), '1.00');
  assert.equal(decimalValue(a), 1);
  assert.equal(decimalText(b), '1.5');
  assert.ok(!isDecimal(c), 'an object that looks like a raw number is none');
});

test('text that looks like a kept number stays text', () => {
  for (const text of ['{"a":"\\u00001.0","b":1.0}', '{"a":"1.0","\\u00001.0":2.50}']) {
    assert.equal(JSON.stringify(parseResourceJson(text)), text);
  }
});

test('any JSON object comes back as JSON.parse gives it', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
  fc.assert(
    fc.property(objects, (object) => {
      const text = JSON.stringify(object, null, 1);
      assert.equal(JSON.stringify(parseResourceJson(text)), JSON.stringify(JSON.parse(text)));
    }),
  );
});

test('a key that stands twice is refused, with the place of the second', () => {
  const { code, offset, message } = refused('{"name":[],\n "name":[]}');
  assert.equal(code, 'duplicate-key');
  assert.equal(offset, 13);
  assert.match(message, /^Line 2, column 2:/);
  assert.equal(refused('{"a":{"b":1,"\\u0062":2}}').code, 'duplicate-key');
  const many = Array.from({ length: 200 }, (_, i) => `"key${i}":1`).join(',');
  assert.equal(refused(`{${many},"key150":2}`).code, 'duplicate-key');
});

test('equal keys in different objects are no duplicates', () => {
  assert.ok(parseResourceJson('{"a":{"a":1},"b":[{"a":1},{"a":{"b":1}}],"\\u0063":1}'));
  const many = Array.from({ length: 200 }, (_, i) => `"key${i}":1`).join(',');
  assert.ok(parseResourceJson(`{${many}}`));
});

test('broken JSON is refused with line and column and never quoted', () => {
  const broken: [string, string][] = [
    ['', 'Line 1, column 1:'],
    ['{"family":"Secret"', 'Line 1, column 19:'],
    ['{\n  "family": Secret }', 'Line 2, column 13:'],
    ['{"a":1,}', 'Line 1, column 8:'],
    ['{"a":01}', 'Line 1, column 7:'],
    ['{"a":"x\ny"}', 'Line 1, column 8:'],
    ['{"a":"\\q"}', 'Line 1, column 7:'],
    ['{"a":1} {', 'Line 1, column 9:'],
    ['{"a":nul}', 'Line 1, column 9:'],
    ["{'a':1}", 'Line 1, column 2:'],
    ['{1.0:1}', 'Line 1, column 2:'],
    ['{"a":1.0.0}', 'Line 1, column 9:'],
    ['{"a":+1.0}', 'Line 1, column 6:'],
    ['{"a":1.0"b"}', 'Line 1, column 9:'],
    ['{"a":-}', 'Line 1, column 6:'],
    ['{"a":1 /* why */}', 'Line 1, column 8:'],
    ['{"a" 1}', 'Line 1, column 6:'],
    [']', 'Line 1, column 1:'],
  ];
  for (const [text, place] of broken) {
    const { code, message } = refused(text);
    assert.equal(code, 'not-json', text);
    assert.ok(message.startsWith(place), `${text} ${message}`);
    assert.doesNotMatch(message, /Secret/);
  }
});

test('a hundred thousand brackets are refused at once', () => {
  for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000)]) {
    const bytes = Buffer.from(text);
    refused(bytes);
    const start = performance.now();
    const { code } = refused(bytes);
    assert.ok(performance.now() - start < 200);
    assert.equal(code, 'too-deep');
  }
});

test('brackets in strings do not nest; the limit is exact', () => {
  assert.ok(parseResourceJson(`{"a":"${'['.repeat(1000)}\\"${'{'.repeat(1000)}"}`));
  assert.ok(parseResourceJson('{"a":[[1]]}', { maxDepth: 3 }));
  assert.equal(refused('{"a":[[[1]]]}', { maxDepth: 3 }).code, 'too-deep');
});

test('bytes that are not UTF-8 are refused', () => {
  assert.equal(refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])).code, 'not-utf8');
  assert.equal(refused(Buffer.from('{"a":"é"}', 'latin1')).code, 'not-utf8');
  assert.equal(refused('{"a":"\ud800"}').code, 'not-utf8');
});

test('only an object is a resource', () => {
  for (const text of ['[]', '"text"', '1', 'null', 'true']) {
    assert.equal(refused(text).code, 'not-an-object');
  }
});

test('a byte order mark is ignored', () => {
  assert.deepEqual(parseResourceJson(Buffer.from('\ufeff{"a":1}')), { a: 1 });
  assert.equal(JSON.stringify(parseResourceJson('\ufeff{"a":1.0}')), '{"a":1.0}');
});

test('__proto__ is an ordinary key and changes no prototype', () => {
  const direct = parseResourceJson('{"__proto__":1.0}');
  assert.equal(Object.getPrototypeOf(direct), Object.prototype);
  assert.equal(JSON.stringify(direct), '{"__proto__":1.0}');
  for (const number of ['1', '1.0']) {
    const parsed = parseResourceJson(`{"__proto__":{"admin":${number}}}`);
    assert.equal(Object.getPrototypeOf(parsed), Object.prototype);
    assert.deepEqual(Object.keys(parsed), ['__proto__']);
    assert.equal(parsed.admin, undefined);
  }
});

test('megabytes of the worst kind are read within a second or two', () => {
  const keys = Array.from({ length: 900 }, (_, i) => `"key${i}":1`).join(',');
  const objects = new Array(100).fill(`{${keys}}`).join(',');
  const decimals = new Array(300_000).fill('1.00').join(',');
  for (const text of [
    `{"a":[${objects}]}`,
    `{"a":[${decimals}]}`,
    `{"a":${'1'.repeat(2_000_000)}}`,
  ]) {
    const start = performance.now();
    parseResourceJson(text);
    assert.ok(performance.now() - start < 2000);
  }
});

test('whatever marks a text has, its kept numbers come back', () => {
  const controls = [0, 1, 2, 3, 4, 5, 6].map((code) => `\\u000${code}1.0`);
  const text = `{"a":"${controls.join('')}","b":2.50}`;
  assert.equal(JSON.stringify(parseResourceJson(text)), text);
  assert.equal(refused(text.replace('\\u0006', '\\u0006\\u0007')).code, 'not-json');
});

test('of strangers no more values are taken than cost half a second, of an object no 1001 keys', () => {
  const limits = { maxCost: 100 };
  const list = (value: string, count: number) => `{"a":[${new Array(count).fill(value).join()}]}`;
  for (const [value, most] of [
    ['{}', 18],
    ['1.50', 5],
    ['1', 93],
  ] as const) {
    assert.ok(parseResourceJson(list(value, most), limits), value);
    assert.equal(refused(list(value, most + 1), limits).code, 'too-much', value);
    assert.ok(parseResourceJson(list(value, most + 1)), value);
  }
  const keys = (count: number) => Array.from({ length: count }, (_, i) => `"key${i}":1`).join();
  assert.ok(parseResourceJson(`{${keys(1000)}}`));
  assert.equal(refused(`{${keys(1001)}}`).code, 'too-much');
  assert.ok(parseResourceJson(`{"a":{${keys(999)}},"b":{${keys(999)}}}`));
});

test('numbers written in any way come back as they were', () => {
  const digits = fc.stringMatching(
    /^-?(?:0|[1-9][0-9]{0,20})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?$/,
  );
  fc.assert(
    fc.property(fc.array(digits), fc.string({ unit: 'grapheme' }), (numbers, key) => {
      const text = `{${JSON.stringify(`k${key}`)}:[${numbers.join(',')}],"é":"ü\\""}`;
      assert.equal(JSON.stringify(parseResourceJson(text)), text);
    }),
  );
});
