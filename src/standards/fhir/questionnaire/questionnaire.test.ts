import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json-object.ts';
import { questionnaireIssues } from './questionnaire-issues.ts';

const url = 'http://forms.example/q';
const core = 'http://hl7.org/fhir/StructureDefinition/';
const codeSets = {
  codeSet: () => ({ has: (_: string | undefined, code: string) => code === 'yes' }),
};

/** Code and place of each issue of a response to a questionnaire of these items. */
function said(item: object[], given: object[], status = 'completed'): string[] {
  const questionnaire: JsonObject = { resourceType: 'Questionnaire', url, item };
  const response = { resourceType: 'QuestionnaireResponse', questionnaire: url, status };
  const definitions = { find: () => questionnaire };
  const issues = questionnaireIssues({ ...response, item: given }, { definitions, codeSets });
  return issues.map(({ code, expression }) => `${code} ${expression.slice(22)}`);
}

const question = (type: string, more: object = {}) => ({ linkId: 'q', type, ...more });
const answered = (...answer: object[]) => ({ linkId: 'q', answer });
const extension = (name: string, value: object) => ({
  extension: [{ url: core + name, ...value }],
});

test('an answer is of the type its item asks for', () => {
  assert.deepEqual(said([question('boolean')], [answered({ valueBoolean: true })]), []);
  const wrong = answered({ valueString: 'x' });
  for (const type of ['boolean', 'date', 'choice', 'quantity', 'reference', 'attachment']) {
    assert.deepEqual(said([question(type)], [wrong]), ['invariant item[0].answer[0].value'], type);
  }
  assert.deepEqual(said([question('open-choice')], [wrong]), []);
});

test('items are those of the questionnaire, in its order and as often as it allows', () => {
  const two = [question('string'), question('string', { linkId: 'r' })];
  const [q, r] = [
    answered({ valueString: 'x' }),
    { ...answered({ valueString: 'x' }), linkId: 'r' },
  ];
  assert.deepEqual(said(two, [q, r]), []);
  assert.deepEqual(said(two, [r, q]), ['structure item[1]']);
  assert.deepEqual(said(two, [q, { ...q, linkId: 'z' }]), ['not-found item[1]']);
  assert.deepEqual(said(two, [q, q]), ['invalid ']);
  const twice = answered({ valueString: 'x' }, { valueString: 'y' });
  assert.deepEqual(said(two, [twice]), ['invalid item[0]']);
  assert.deepEqual(said([question('string', { repeats: true })], [twice]), []);
  assert.deepEqual(said([question('group')], [q]), ['structure item[0]']);
});

test('what is required must be there once the response is completed, if it is enabled', () => {
  const needed = [question('string', { required: true })];
  assert.deepEqual(said(needed, []), ['required ']);
  assert.deepEqual(said(needed, [answered()]), ['required item[0]']);
  assert.deepEqual(said(needed, [], 'in-progress'), []);
  const enableWhen = [{ question: 'q', operator: '=', answerBoolean: true }];
  const both = [question('boolean'), { linkId: 'r', type: 'string', required: true, enableWhen }];
  assert.deepEqual(said(both, [answered({ valueBoolean: true })]), ['required ']);
  assert.deepEqual(said(both, [answered({ valueBoolean: false })]), []);
  const r = { linkId: 'r', answer: [{ valueString: 'x' }] };
  assert.deepEqual(said(both, [answered({ valueBoolean: false }), r]), ['invariant item[1]']);
});

test('bounds of answers hold', () => {
  const cases: [object, object, object][] = [
    [
      question('integer', extension('minValue', { valueInteger: 3 })),
      { valueInteger: 3 },
      { valueInteger: 2 },
    ],
    [
      question('date', extension('maxValue', { valueDate: '2022' })),
      { valueDate: '2022-12-31' },
      { valueDate: '2023' },
    ],
    [question('string', { maxLength: 3 }), { valueString: 'äöü' }, { valueString: 'four' }],
    [
      question('string', extension('minLength', { valueInteger: 2 })),
      { valueString: 'xy' },
      { valueString: 'x' },
    ],
    [
      question('string', extension('regex', { valueString: '[a-c]+' })),
      { valueString: 'abc' },
      { valueString: 'abx' },
    ],
    [
      question('decimal', extension('maxDecimalPlaces', { valueInteger: 1 })),
      { valueDecimal: 1.5 },
      { valueDecimal: JSON.rawJSON('1.50') },
    ],
    [
      question('attachment', extension('maxSize', { valueDecimal: 3 })),
      { valueAttachment: { data: 'AAAA' } },
      { valueAttachment: { data: 'AAAAAA==' } },
    ],
    [
      question('reference', extension('questionnaire-referenceResource', { valueCode: 'Patient' })),
      { valueReference: { reference: 'Patient/1' } },
      { valueReference: { reference: 'Group/1' } },
    ],
  ];
  for (const [item, good, bad] of cases) {
    assert.deepEqual(said([item], [answered(good)]), [], JSON.stringify(good));
    assert.equal(said([item], [answered(bad)]).length, 1, JSON.stringify(bad));
  }
  const url = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity';
  const ucum = (value: number, code: string) => ({
    value,
    code,
    system: 'http://unitsofmeasure.org',
  });
  const item = question('quantity', { extension: [{ url, valueQuantity: ucum(5, 'km') }] });
  assert.deepEqual(said([item], [answered({ valueQuantity: ucum(4999, 'm') })]), []);
  assert.equal(said([item], [answered({ valueQuantity: ucum(5001, 'm') })]).length, 1);
  assert.equal(said([item], [answered({ valueQuantity: { value: 1 } })]).length, 1);
});

test('an answer is one of those offered, and an exclusive one stands alone', () => {
  const valueCoding = (code: string) => ({ valueCoding: { system: 's', code } });
  const none = {
    ...valueCoding('none'),
    ...extension('questionnaire-optionExclusive', { valueBoolean: true }),
  };
  const item = question('choice', {
    repeats: true,
    answerOption: [valueCoding('a'), valueCoding('b'), none],
  });
  assert.deepEqual(said([item], [answered(valueCoding('a'), valueCoding('b'))]), []);
  assert.deepEqual(said([item], [answered(valueCoding('c'))]), ['code-invalid item[0].answer[0]']);
  assert.deepEqual(said([item], [answered(valueCoding('a'), valueCoding('none'))]), [
    'invariant item[0].answer[1]',
  ]);
  const set = question('choice', { answerValueSet: 'http://forms.example/vs' });
  assert.deepEqual(said([set], [answered(valueCoding('yes'))]), []);
  assert.deepEqual(said([set], [answered(valueCoding('no'))]), ['code-invalid item[0].answer[0]']);
});

test('a questionnaire nobody knows is told, and nothing breaks on what is no response', () => {
  const parts = { definitions: { find: () => undefined }, codeSets };
  const response = { resourceType: 'QuestionnaireResponse', questionnaire: url };
  assert.equal(questionnaireIssues(response, parts)[0]?.severity, 'warning');
  const bundle = { resourceType: 'Bundle', entry: [{ resource: response }] };
  const [issue] = questionnaireIssues(bundle, parts);
  assert.equal(issue?.expression, 'Bundle.entry[0].resource.questionnaire');
  assert.deepEqual(questionnaireIssues({ resourceType: 'Patient' }, parts), []);
  assert.deepEqual(
    said([question('string')], [{ linkId: 3, answer: 'x', item: [1, null] }]).length,
    1,
  );
});

test('a response made to be slow is not, and what is wrong with it is told in bounds', () => {
  const count = 5_000;
  const enableWhen = [{ question: 'q', operator: '>', answerInteger: count }];
  const answerOption = Array.from({ length: count }, (_, valueInteger) => ({ valueInteger }));
  const items = Array.from({ length: count }, (_, at) => ({
    ...{ linkId: `r${at}`, type: 'string', enableWhen },
  }));
  const answers = Array.from({ length: count }, (_, at) => ({ valueInteger: at + count }));
  const start = performance.now();
  const found = said(
    [question('integer', { repeats: true, answerOption }), ...items],
    [answered(...answers)],
  );
  assert.equal(found.length, 101);
  const long = { valueString: 'a'.repeat(1_000_000) };
  const pattern = question('string', extension('regex', { valueString: '(a|a|a|a|b?){1,50}c' }));
  assert.deepEqual(said([pattern], [answered(long)]), ['too-costly item[0].answer[0].value']);
  assert.ok(performance.now() - start < 1000);
});
