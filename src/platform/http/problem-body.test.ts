import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { sql } from '../postgres/sql.ts';
import { asProblem, problemBody } from './problem-body.ts';

test('a statement the database cut off is told as such, not as a defect', async () => {
  const t = await testDatabase([]);
  try {
    const slow = t.database.transaction(1, async (tx) => {
      await tx.run(sql`set local statement_timeout = '20ms'`);
      await tx.run(sql`select pg_sleep(30)`);
    });
    const problem = asProblem(await slow.catch((error: unknown) => error));
    assert.equal(problem.kind.status, 503);
    assert.equal(problem.headers['retry-after'], '5');
    const body = problemBody(problem, 'fhir', 'c') as { issue: { code: string }[] };
    assert.equal(body.issue[0]?.code, 'timeout');
  } finally {
    await t.close();
  }
});

test('what nobody expected is an internal error, whose own words are not told', () => {
  const problem = asProblem(new Error('Jane Doe'));
  assert.equal(problem.kind.status, 500);
  assert.doesNotMatch(JSON.stringify(problemBody(problem, 'rest', 'c')), /Jane/);
});
