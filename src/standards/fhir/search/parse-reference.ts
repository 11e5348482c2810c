import { spend } from './budget.ts';
import type { Test } from './parse-clause.ts';
import { shownTest } from './parse-string.ts';
import { requireShown } from './parse-token.ts';
import { canonicalHierarchy } from './parse-uri.ts';
import { referenceTest, tokenTest } from './parse-value.ts';
import type { Clause, ReferenceTest } from './search-query.ts';

/** A reference parameter with any of its modifiers, R4 search.html#reference. */
export function referenceClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier, target, budget } = test;
  const params = [...parameter.covers];
  requireShown(test);
  if (modifier === 'text') {
    return { on: 'text', name, params, values: texts.map((one) => shownTest(name, one)) };
  }
  if (modifier === 'above' || modifier === 'below') return canonicalHierarchy(test, texts);
  const limits = {
    targets: parameter.targets,
    ...(target !== undefined && { type: target }),
    ...(budget.own !== undefined && { own: budget.own }),
  };
  const values = texts.map((text): ReferenceTest => {
    if (modifier === 'identifier') return { identifier: tokenTest(name, text) };
    const value = referenceTest(name, text, limits);
    // A bare id is looked for under every type it may have.
    if ('types' in value) spend(budget, name, value.types.length - 1);
    return value;
  });
  return { on: 'reference', name, params, not: modifier === 'not', values };
}
