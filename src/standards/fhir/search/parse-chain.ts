import { spend } from './budget.ts';
import { alternativesOf, type ChainContext, chainTargets, oneDeeper } from './chain-link.ts';
import { searchParameters } from './parameter.ts';
import { parameterOf, parsePlain } from './parse-clause.ts';
import { filterClause } from './parse-filter.ts';
import type { Clause } from './search-query.ts';
import { refuse } from './search-refused.ts';

/**
 * One `name=value` pair with its chains (`subject:Patient.name`) and reverse chains
 * (`_has:Observation:patient:code`).
 */
export function parseClause(
  type: string,
  name: string,
  value: string,
  context: ChainContext,
): Clause {
  if (name === '_filter') return filterClause(type, value, context);
  if (name.startsWith('_has:')) return reverseChain(type, name, value, context);
  const dot = name.indexOf('.');
  if (dot < 0) return parsePlain(type, name, value, context.budget);
  return chain(type, name, value, context);
}

function chain(type: string, name: string, value: string, context: ChainContext): Clause {
  const dot = name.indexOf('.');
  const head = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  const parameter = parameterOf(type, head, context.budget.registry);
  const targets = chainTargets(name, head, parameter);
  const deeper = oneDeeper(context, name);
  const alternatives = alternativesOf(targets, (target) => {
    spend(context.budget, name, 1);
    return parseClause(target, rest, value, deeper);
  });
  return { on: 'chain', name, params: [...parameter.covers], alternatives };
}

function reverseChain(type: string, name: string, value: string, context: ChainContext): Clause {
  const [, source = '', reference = '', ...more] = name.split(':');
  const rest = more.join(':');
  if (rest === '') {
    return refuse(
      'invalid',
      name,
      '_has takes a type, its reference parameter and a parameter of it.',
    );
  }
  if (searchParameters(source).size === 0) {
    return refuse('invalid', name, '_has names a type that is not an R4 resource.');
  }
  const parameter = parameterOf(source, reference, context.budget.registry);
  if (parameter.kind !== 'reference' || !parameter.targets.includes(type)) {
    return refuse('invalid', name, `${source} has no reference of that name to ${type}.`);
  }
  const deeper = oneDeeper(context, name);
  const then = parseClause(source, rest, value, deeper);
  // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
  return { on: 'has', name, source, params: [...parameter.covers], then };
}
