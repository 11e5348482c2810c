import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationOutcome } from './outcome.ts';
import { checkStructure } from './structure.ts';

test('an outcome is itself a valid resource, with and without issues', () => {
  const issues = checkStructure({ resourceType: 'Patient', gender: 'x' });
  const outcome = operationOutcome(issues);
  assert.deepEqual(outcome.issue[0]?.expression, ['Patient.gender']);
  assert.deepEqual(checkStructure(outcome), []);
  assert.deepEqual(checkStructure(operationOutcome([])), []);
});
