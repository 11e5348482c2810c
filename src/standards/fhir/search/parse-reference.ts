import { spend } from './budget.ts';
import type { Test } from './parse-clause.ts';
import { shownTest } from './parse-string.ts';
import { requireShown } from './parse-token.ts';
import { canonicalHierarchy } from './parse-uri.ts';
import { referenceTest, tokenTest } from './parse-value.ts';
import type { Clause, ReferenceTest } from './search-query.ts';
import { refuse } from './search-refused.ts';

/**
 * Types whose resources are parts of others of the same type, by the parameter that says of which.
 */
const wholes = new Map([
  ['Location', 'partof'],
  ['Organization', 'partof'],
]);
/** Levels of parts `:below` goes down: from a bed to its hospital there are six. */
const maxLevels = 8;

/** A reference parameter with any of its modifiers, R4 search.html#reference. */
export function referenceClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier, target, budget } = test;
  const params = [...parameter.covers];
  requireShown(test);
  if (modifier === 'text') {
    return { on: 'text', name, params, values: texts.map((one) => shownTest(name, one)) };
  }
  const parts = parameter.targets.filter((type) => wholes.has(type));
  if (modifier === 'below' && parts.length > 0) return partsClause(test, texts, parts);
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

/** `location:below=Location/1`: that location, or one that is a part of it at any level. */
function partsClause(test: Test, texts: string[], targets: readonly string[]): Clause {
  const { name, parameter, budget } = test;
  const limits = { targets, ...(budget.own !== undefined && { own: budget.own }) };
  const values = texts.map((text) => referenceTest(name, text, limits));
  const asked = targets.filter((type) =>
    values.some((value) => 'types' in value && value.types.includes(type)),
  );
  if (asked.length === 0) return refuse('value', name, `${name} takes an id or Type/id.`);
  spend(budget, name, asked.length * maxLevels * values.length);
  budget.notes.push(`${name} goes ${maxLevels} levels of parts down.`);
  const below = (params: readonly string[], level: number, type?: string): Clause => {
    const here: Clause = { on: 'reference', name, params: [...params], not: false, values };
    if (level === maxLevels) return here;
    const alternatives = (type === undefined ? asked : [type]).map((target) => {
      const then = below([wholes.get(target) ?? ''], level + 1, target);
      // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
      return { target, then };
    });
    const further: Clause = { on: 'chain', name, params: [...params], alternatives };
    return { on: 'or', name, clauses: [here, further] };
  };
  return below(parameter.covers, 0);
}
