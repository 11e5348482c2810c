import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jaroWinkler } from './jaro-winkler.ts';
import { personOf } from './person.ts';
import { matchScore } from './score.ts';

const ann = {
  identifier: [{ system: 'urn:mrn', value: '4711' }],
  name: [{ family: 'Wintermère', given: ['Ann', 'Lea'] }],
  ...{ birthDate: '1970-05-12', gender: 'female' },
  address: [{ line: ['1 Lake Road'], city: 'Basel', postalCode: '4051' }],
  telecom: [{ system: 'phone', value: '+41 61 555 12 34' }],
};
type Patient = Record<string, unknown>;
const compare = (a: Patient, b: Patient) => matchScore(personOf(a), personOf(b));
const grade = (a: Patient, b: Patient) => compare(a, b).grade;
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(ann).filter(([name]) => !names.includes(name)));

test('published values of Jaro and Winkler are met', () => {
  assert.equal(jaroWinkler('martha', 'marhta').toFixed(3), '0.961');
  assert.equal(jaroWinkler('dwayne', 'duane').toFixed(3), '0.840');
  assert.equal(jaroWinkler('dixon', 'dicksonx').toFixed(3), '0.813');
  assert.equal(jaroWinkler('abc', 'xyz'), 0);
});

test('the likeness of words is symmetric and between 0 and 1', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (a, b) => {
      const one = jaroWinkler(a, b);
      assert.ok(Math.abs(one - jaroWinkler(b, a)) < 1e-9);
      assert.ok(one >= 0 && one <= 1 + 1e-9);
      assert.equal(one === 1, a === b);
    }),
  );
});

test('the same number, or the same name and birth date, is certain', () => {
  assert.equal(grade(ann, ann), 'certain');
  assert.equal(grade(ann, without('address', 'telecom')), 'certain');
  const otherwise = { ...without('identifier'), name: [{ family: 'WINTERMERE', given: ['ann'] }] };
  assert.equal(grade(ann, otherwise), 'certain');
  assert.equal(
    grade(ann, { ...without('identifier'), telecom: [{ system: 'phone', value: '0615551234' }] }),
    'certain',
  );
});

test('the number alone decides when nothing else is given', () => {
  assert.equal(grade(ann, { identifier: ann.identifier }), 'certain');
});

test('a slip of the pen keeps it probable', () => {
  const typo = without('identifier');
  assert.equal(grade(ann, { ...typo, birthDate: '1970-12-05' }), 'probable');
  assert.equal(grade(ann, { ...typo, birthDate: '1971-05-12' }), 'probable');
  assert.equal(
    grade(ann, { ...typo, name: [{ family: 'Wintermore', given: ['Anne'] }] }),
    'probable',
  );
});

test('a number that belongs to somebody else makes nobody certain', () => {
  const other = { name: [{ family: 'Olsen', given: ['Bob'] }], birthDate: '1999-01-01' };
  const stolen = { ...other, identifier: ann.identifier, gender: 'male' };
  assert.notEqual(grade(ann, stolen), 'certain');
  assert.equal(grade(ann, other), 'certainly-not');
});

test('a name alone, or a birth date alone, is not a match', () => {
  assert.equal(grade({ name: ann.name }, { name: ann.name }), 'possible');
  assert.equal(grade({ birthDate: ann.birthDate }, ann), 'certainly-not');
  assert.equal(grade({}, {}), 'certainly-not');
});

test('a twin is no certain match', () => {
  const twin = { ...without('identifier'), name: [{ family: 'Wintermère', given: ['Zoe'] }] };
  assert.notEqual(grade(ann, twin), 'certain');
});

test('the order of the two does not matter, and whatever stands in them is taken', () => {
  const value = fc.anything();
  const patient = fc.record({ name: value, birthDate: value, identifier: value, telecom: value });
  fc.assert(
    fc.property(patient, patient, (a, b) => {
      const { score } = compare(a, b);
      assert.equal(score, compare(b, a).score);
      assert.ok(score >= 0 && score <= 1);
    }),
  );
});
