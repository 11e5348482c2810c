import { resourceTypes } from '../definitions.ts';
import { bundle } from './bundle.ts';
import { coded, codingSystem, simpleQuantity } from './coded.ts';
import { compileType, type TypeRef } from './compile-type.ts';
import { extension } from './extension.ts';
import * as fault from './fault.ts';
import * as format from './format.ts';
import { invariant } from './invariant.ts';
import { attachment, inOrder, obs7 } from './native-check.ts';
import { reference } from './reference-check.ts';
import { resource } from './resource-check.ts';
import { type ElementRule, ruleOf } from './rule.ts';
import { Walk } from './walk.ts';
import { plainXhtml } from './xhtml.ts';

/** What compiled code calls by name. */
const functions = {
  ...fault,
  ...format,
  attachment,
  bundle,
  coded,
  codingSystem,
  extension,
  inOrder,
  invariant,
  obs7,
  plainXhtml,
  reference,
  resource,
  simpleQuantity,
};

const types = new Map<string, TypeRef>();
const roots = new Map<string, ElementRule>();

/**
 * The check of an R4 type or backbone element, compiled at its first call and kept: R4 does not
 * change, so all validators of a process share it.
 */
export function typeRef(name: string): TypeRef {
  const known = types.get(name);
  if (known !== undefined) return known;
  const ref: TypeRef = {
    check(value, depth) {
      ref.check = compileType(name, { walk, functions, type: typeRef });
      ref.check(value, depth);
    },
  };
  types.set(name, ref);
  return ref;
}

/** The one walk of this thread: validation is synchronous and never inside of itself. */
export const walk = new Walk(typeRef);

/** The rule that stands for a resource of this type as a whole. */
export function rootRule(type: string): ElementRule {
  const name = resourceTypes.has(type) ? type : 'Resource';
  const known = roots.get(name);
  if (known !== undefined) return known;
  const rule = ruleOf(name, { path: name, max: '1' }, { code: name });
  roots.set(name, rule);
  return rule;
}
