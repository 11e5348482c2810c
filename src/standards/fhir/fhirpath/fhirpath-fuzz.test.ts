import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileFhirPath, type FhirNode, FhirPathRefused, nodeOf } from './fhirpath.ts';

const now = new Date('2024-02-29');
/** Of CPU, for one expression on a machine that does other things as well. */
const mostMs = 2000;

/** Compiles and evaluates; nothing but a refusal may come out. */
function survives(expression: string, input: FhirNode): void {
  const before = process.cpuUsage().user;
  try {
    const path = compileFhirPath(expression);
    path.evaluate(input, { now, steps: 100_000 });
    path.test(input, { now, steps: 100_000 });
  } catch (error) {
    assert.ok(error instanceof FhirPathRefused, `${expression}: ${String(error)}`);
  }
  const ms = (process.cpuUsage().user - before) / 1000;
  assert.ok(ms < mostMs, `${expression} took ${ms} ms`);
}

const elements = ['name', 'given', 'value', 'extension', 'contact', 'id', 'birthDate', 'item'];
const literals = ['1', '1.50', "'a'", 'true', '@2014-01', '@T10:30', "4 'mg'", '3 days', '{}'];
const starts = [...elements, ...literals, '$this', '$index', '$total', '%resource', 'Patient'];
const plain = [
  'exists',
  'empty',
  'count',
  'distinct',
  'isDistinct',
  'first',
  'tail',
  'not',
  'type',
];
const converting = ['toString', 'toInteger', 'toDecimal', 'toQuantity', 'toDate', 'toDateTime'];
const more = ['children', 'descendants', 'hasValue', 'length', 'upper', 'abs', 'sqrt', 'toChars'];
const taking = [
  'where',
  'select',
  'all',
  'repeat',
  'exists',
  'aggregate',
  'union',
  'combine',
  'skip',
];
const texts = ['matches', 'startsWith', 'indexOf', 'split', 'extension', 'trace', 'power', 'log'];
const operators = [
  '+',
  '-',
  '*',
  '/',
  'div',
  'mod',
  '&',
  '|',
  '=',
  '~',
  '<',
  '>=',
  'in',
  'contains',
];
const logic = ['and', 'or', 'xor', 'implies', '!=', '!~'];

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...starts),
    fc
      .tuple(tie('expression'), fc.constantFrom(...plain, ...converting, ...more))
      .map(([target, name]) => `${target}.${name}()`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...taking, ...texts), tie('expression'))
      .map(([target, name, argument]) => `${target}.${name}(${argument})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...operators, ...logic), tie('expression'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie('expression').map((target) => `${target}.as(Quantity)`),
    tie('expression').map((target) => `iif(${target}, ${target}[0], -${target})`),
  ),
}));

const primitive = fc.oneof(
  fc.constantFrom('a', '2014', '2014-01-31', '10:30', 'é', ''),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('1.00', '1e400', '-0.10', '1e99999999').map((text) => JSON.rawJSON(text)),
);
const { element } = fc.letrec<{ element: unknown }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small' },
    primitive,
    fc.array(tie('element'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(...elements, '_given', '_birthDate', 'valueQuantity', 'code', '__proto__'),
      tie('element'),
      { maxKeys: 4 },
    ),
  ),
}));
const resource = fc
  .tuple(
    fc.constantFrom('Patient', 'Observation', 'Questionnaire', 'Bundle', 'Frob', 'Quantity', 7),
    fc.dictionary(fc.constantFrom(...elements, 'valueQuantity', '_birthDate', 'entry'), element),
  )
  .map(([resourceType, content]) => nodeOf({ resourceType, ...content }));

test('whatever the expression and the resource, the answer comes or a FhirPathRefused', () => {
  fc.assert(
    fc.property(expression, resource, (text, node) => survives(text, node)),
    { numRuns: 4000 },
  );
});

test('whatever the text, it is an expression or refused', () => {
  const soup = fc
    .array(fc.constantFrom(...starts, ...operators, ...taking, '(', ')', '.', '[', ']', ',', '`'))
    .map((parts) => parts.join(' '));
  const node = nodeOf({ resourceType: 'Patient' });
  fc.assert(
    fc.property(fc.oneof(fc.string(), soup), (text) => survives(text, node)),
    { numRuns: 2000 },
  );
});

test('an expression deeper or longer than any real one is refused, not a full stack', () => {
  const node = nodeOf({ resourceType: 'Patient' });
  const refused = (text: string) =>
    assert.throws(() => compileFhirPath(text), { code: 'too-costly' }, text.slice(0, 40));
  refused(`${'('.repeat(5000)}1${')'.repeat(5000)}`);
  refused(`${'-'.repeat(20_000)}1`);
  refused(`name${'.first()'.repeat(5000)}`);
  refused(`1${' + 1'.repeat(10_000)}`);
  refused(`${'iif(true, '.repeat(500)}1${')'.repeat(500)}`);
  refused('x'.repeat(70_000));
  survives(`1${' | 1'.repeat(300)}`, node);
  survives(`${'('.repeat(80)}1${')'.repeat(80)}`, node);
});

test('an evaluation that would not end is refused as too costly', () => {
  const names = Array.from({ length: 2000 }, (_, at) => ({ given: [`g${at}`] }));
  const node = nodeOf({ resourceType: 'Patient', name: names });
  const refused = (text: string) =>
    assert.throws(
      () => compileFhirPath(text).evaluate(node, { now }),
      { code: 'too-costly' },
      text,
    );
  refused('(1).repeat($this + 1)');
  refused('name.select(%resource.descendants().count())');
  refused("name.aggregate($total & $total & 'x', 'x')");
  refused('name.aggregate($total.combine($total), 1)');
  refused('name.select(%resource.name | name)');
  const long = nodeOf({ resourceType: 'Basic', language: 'x'.repeat(600_000) });
  assert.throws(() => compileFhirPath('language & language').evaluate(long, { now }), {
    code: 'too-costly',
  });
  assert.throws(() => compileFhirPath('name.given').evaluate(node, { now, steps: 100 }), {
    code: 'too-costly',
  });
});
