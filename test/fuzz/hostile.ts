/** Texts that have broken programs: code points, names of JavaScript, other languages' syntax. */
export const hostileTexts: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff',
    '\ufeff',
    '\u202e',
    '\u{1f469}\u200d\u{1f52c}',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length'],
  ...["'; drop table records.resource; --", '%', '%00', '\\', '$', '|', ',', '$ref', '${x}'],
  ...['<script>', '&#x0;', '<!DOCTYPE x>', '../../etc/passwd', '-1', '0', 'NaN', 'null', 'true'],
  ...['2024-02-30', '0000', '9999-12-31T23:59:60Z', '24:00:00', 'ge2020', 'ap', 'eq', 'zz1'],
  ...['1e999', '-0', '0.1e-400', '99999999999999999999', 'urn:uuid:', 'urn:oid:1', '#', '#x'],
  ...['Patient/', 'Patient/x/_history/0', 'Patient?name=x', 'http://', 'http://[', '//', 'x:y:z'],
  ...['é'.repeat(300), 'x'.repeat(3000), 'a '.repeat(500), ','.repeat(600), '('.repeat(200)],
];

/** Numbers as JSON can write them and doubles cannot. */
export const hostileNumbers: readonly string[] = [
  ...['-0', '0.0', '1.00', '1e3', '1E+400', '-1e400', '1e-400', '12345678901234567890', '1.5e308'],
  ...['9'.repeat(400), `0.${'1'.repeat(400)}`, '2147483648', '-2147483649', '1e99999999999'],
];

/** Of another JSON type than is expected. */
export const hostileValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, '', 'x', [], {}, [[]], [null], [{}], { id: 1 }],
  ...[{ resourceType: 'Patient' }, { extension: [{}] }, { reference: 7 }, { value: [1] }],
];
