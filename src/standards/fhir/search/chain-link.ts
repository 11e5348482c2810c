import type { Budget } from './budget.ts';
import type { SearchParameter } from './parameter.ts';
import type { Clause } from './search-query.ts';
import { refuse, SearchRefused } from './search-refused.ts';

/** A chain or `_has` follows at most this many references; each is a join. */
const maxLinks = 8;

export type ChainContext = { budget: Budget; links: number };

export function oneDeeper(context: ChainContext, name: string): ChainContext {
  if (context.links < maxLinks) return { ...context, links: context.links + 1 };
  return refuse('too-costly', name, `A chain may follow ${maxLinks} references.`);
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
