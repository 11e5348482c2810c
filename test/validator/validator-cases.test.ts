import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Asked,
  agrees,
  casesAbsent,
  errorsOf,
  runCase,
  type ValidatorCase,
  validatorCases,
} from './validator-case.ts';

/** Shares of the official verdicts that are ours too. A tier counts the cases not in `core`. */
const floors: Readonly<Record<string, number>> = { core: 0.97, base: 0.95, profile: 0.95 };

type Row = { agree: number; graded: number; ungraded: number };

test('valid is valid and invalid is invalid, as the official cases have it', {
  skip: casesAbsent,
}, (t) => {
  const rows = new Map<string, Row>();
  for (const one of validatorCases()) {
    const asked = runCase(one);
    const verdicts = asked.map(agrees);
    for (const tier of one.core ? ['core', one.tier] : [one.tier]) {
      const row = rows.get(tier) ?? { agree: 0, graded: 0, ungraded: 0 };
      rows.set(tier, row);
      if (verdicts.includes(undefined)) row.ungraded += 1;
      else row.graded += 1;
      if (verdicts.every((verdict) => verdict === true)) row.agree += 1;
    }
    const wrong = asked.find((_, index) => verdicts[index] === false);
    if (wrong !== undefined) t.diagnostic(disagreement(one, wrong));
  }
  for (const [tier, { agree, graded, ungraded }] of rows) {
    const share = ((100 * agree) / graded).toFixed(1);
    t.diagnostic(`${tier}: ${agree}/${graded} agree (${share} %), ${ungraded} not gradable here`);
  }
  for (const [tier, floor] of Object.entries(floors)) {
    const { agree, graded } = rows.get(tier) ?? { agree: 0, graded: 1 };
    assert.ok(agree / graded >= floor, `${tier}: ${agree} of ${graded}, ${floor} is the floor`);
  }
});

/** The first thing we say that they do not, or they say and we do not. */
function disagreement(one: ValidatorCase, { expected, issues }: Asked): string {
  const [ours] = errorsOf(issues);
  const theirs = expected.issues.find(({ severity }) => severity === 'error');
  const reason =
    ours === undefined
      ? `we miss ${theirs?.code} ${theirs?.expression}: ${theirs?.text}`
      : `we say ${ours.code} ${ours.expression}: ${ours.text}`;
  return `${one.tier}${one.core ? ' core' : ''} ${one.name}: ${reason}`;
}
