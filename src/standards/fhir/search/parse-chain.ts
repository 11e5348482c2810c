import { type Budget, spend } from './budget.ts';
import { type SearchParameter, searchParameters } from './parameter.ts';
import { parameterOf, parsePlain } from './parse-clause.ts';
import { filterClause } from './parse-filter.ts';
import type { Clause } from './search-query.ts';
import { refuse, SearchRefused } from './search-refused.ts';

/** A chain or `_has` follows at most this many references; each is a join. */
const maxLinks = 8;

export type ChainContext = { budget: Budget; links: number };

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

export function oneDeeper(context: ChainContext, name: string): ChainContext {
  if (context.links < maxLinks) return { ...context, links: context.links + 1 };
  return refuse('too-costly', name, `A chain may follow ${maxLinks} references.`);
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

/**
 * What must hold of each target a chain may lead to. A target without the parameter is no
 * alternative; what is wrong with every target is refused.
 */
export function alternativesOf(
  targets: readonly string[],
  read: (target: string) => Clause,
): { target: string; then: Clause }[] {
  const alternatives: { target: string; then: Clause }[] = [];
  let refusal: SearchRefused | undefined;
  for (const target of targets) {
    try {
      const then = read(target);
      // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
      alternatives.push({ target, then });
    } catch (error) {
      if (!(error instanceof SearchRefused) || isTooCostly(error)) throw error;
      if (refusal === undefined || (refusal.unknown && !error.unknown)) refusal = error;
    }
  }
  if (alternatives.length === 0 && refusal) throw refusal;
  return alternatives;
}

function isTooCostly(error: SearchRefused): boolean {
  return error.issues.some((issue) => issue.code === 'too-costly');
}

export function chainTargets(
  name: string,
  head: string,
  parameter: SearchParameter,
): readonly string[] {
  const { kind, code, targets } = parameter;
  if (kind !== 'reference')
    return refuse('invalid', name, `${code} is not a reference to chain through.`);
  if (targets.length === 0) {
    return refuse(
      'not-supported',
      name,
      `${code} holds canonical URLs, which chains do not follow.`,
    );
  }
  const [, type] = head.split(':', 2);
  if (type === undefined) return targets;
  if (targets.includes(type)) return [type];
  return refuse('invalid', name, `${code} can not point to that type; name one of its targets.`);
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
