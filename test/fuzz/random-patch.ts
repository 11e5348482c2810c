import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts, hostileValues } from './hostile.ts';

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'frob'];
const names = ['name', 'given', 'family', '0', '1', '-', '', 'extension', 'url', 'meta', 'id'];
const more = [
  '__proto__',
  'constructor',
  '~0',
  '~1',
  '~',
  '01',
  '-1',
  '99999999999',
  'resourceType',
];
const values: readonly unknown[] = [
  ...[true, 'x', { family: 'Ann' }, [{ family: 'Ann' }], ['Ann'], { url: 'x', valueString: 'x' }],
  ...[JSON.rawJSON('1.50'), { deep: { deep: [{}] } }, 'female', 'Observation', 'known.1'],
];

function value(random: Random): unknown {
  return random.pick(random.chance(0.25) ? [...hostileValues, ...hostileTexts] : values);
}

function pointer(random: Random): string {
  if (random.chance(0.05)) return random.pick(hostileTexts);
  const parts = Array.from({ length: random.integer(0, 4) }, () =>
    random.pick(random.chance(0.85) ? names : more),
  );
  return parts.map((part) => `/${part}`).join('');
}

const fitting: readonly JsonObject[] = [
  { op: 'add', path: '/active', value: true },
  { op: 'add', path: '/name/-', value: { family: 'Ann', given: ['x'] } },
  { op: 'copy', from: '/name', path: '/contact' },
  { op: 'copy', from: '/name/0', path: '/name/-' },
  { op: 'replace', path: '/name', value: [{ given: ['Ann', 'Bee'] }] },
  { op: 'add', path: '/gender', value: 'female' },
  { op: 'test', path: '/resourceType', value: 'Patient' },
  { op: 'add', path: '/extension', value: [{ url: 'x', valueDecimal: JSON.rawJSON('1.50') }] },
];

/** RFC 6902, right or wrong. */
export function randomJsonPatch(random: Random): unknown[] {
  return Array.from({ length: random.integer(0, 5) }, () => {
    if (random.chance(0.03)) return random.pick(hostileValues);
    if (random.chance(0.4)) return random.pick(fitting);
    const operation: JsonObject = { op: random.pick(operations), path: pointer(random) };
    if (random.chance(0.7)) operation['value'] = value(random);
    if (random.chance(0.4)) operation['from'] = pointer(random);
    return operation;
  });
}

const types = ['add', 'insert', 'delete', 'replace', 'move', 'frob'];
const paths = [
  ...['Patient', 'Patient.name', 'Patient.name[0]', 'Patient.name.given', 'Patient.birthDate'],
  ...["Patient.name.where(use = 'official')", 'Patient.extension', 'Patient.active', 'Patient.id'],
  ...[
    'Patient.descendants()',
    'Patient.meta',
    'Patient.name.first().given[1]',
    'Patient.contained',
  ],
  ...['Patient.repeat($this)', '%resource', '1 + 1', "'x'", 'Patient.name | Patient.name', '$this'],
  ...[
    "Patient.name.matches('(a+)+$')",
    'Patient.name[99999999]',
    '((((',
    "Patient.name.trace('x')",
  ],
];
const parts = ['type', 'path', 'name', 'value', 'index', 'source', 'destination', 'pathLabel'];

/** FHIR R4 fhirpatch.html, right or wrong. */
export function randomFhirPathPatch(random: Random): JsonObject {
  const parameter = Array.from({ length: random.integer(0, 4) }, () => ({
    name: random.chance(0.97) ? 'operation' : 'x',
    part: operation(random),
  }));
  return { resourceType: 'Parameters', parameter };
}

function operation(random: Random): JsonObject[] {
  const made: JsonObject[] = [
    { name: 'type', valueCode: random.pick(types) },
    { name: 'path', valueString: random.pick(random.chance(0.9) ? paths : hostileTexts) },
  ];
  const elements = ['name', 'given', 'active', 'extension', 'birthDate', 'multipleBirth'];
  if (random.chance(0.6)) made.push({ name: 'name', valueString: random.pick(elements) });
  if (random.chance(0.7)) made.push(valuePart(random));
  for (const name of ['index', 'source', 'destination']) {
    if (random.chance(0.4)) made.push({ name, valueInteger: random.integer(-1, 4) });
  }
  if (random.chance(0.1)) made.push({ name: random.pick(parts), valueString: 'x' });
  return made;
}

function valuePart(random: Random): JsonObject {
  return random.pick<JsonObject>([
    { name: 'value', valueBoolean: true },
    { name: 'value', valueString: random.pick(hostileTexts) },
    { name: 'value', valueDate: '2024-02-29' },
    { name: 'value', valueHumanName: { family: 'Ann', given: ['x'] } },
    { name: 'value', part: [{ name: 'family', valueString: 'x' }] },
    { name: 'value', part: [{ name: '__proto__', part: [{ name: 'x' }] }] },
    { name: 'value', valueDecimal: JSON.rawJSON('1.50') },
    { name: 'value' },
  ]);
}
