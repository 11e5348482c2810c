import { resourceTypes } from '../definitions.ts';
import type { JsonObject } from '../json-object.ts';
import { parseReference } from '../reference.ts';
import { plainIdFrom } from './format.ts';
import type { LocalReference } from './place.ts';
import type { ElementRule } from './rule.ts';
import { uriFault } from './uri.ts';
import type { Walk } from './walk.ts';

type Local = { rule: ElementRule; depth: number; must: boolean };

/** A `#id`: looked up when all of the resource it is local to was seen. */
export function localReference(walk: Walk, text: string, { rule, depth, must }: Local): void {
  const local: LocalReference = {
    id: text.slice(1),
    expression: walk.expression(depth),
    targets: rule.targets,
    must,
    inside: walk.containedAt,
  };
  walk.container?.local.push(local);
}

/** R4 references.html: the form of Reference.reference, and what type it points to. */
export function reference(walk: Walk, rule: ElementRule, value: JsonObject, depth: number): void {
  const { reference: text, type } = value;
  if (typeof text !== 'string' || text === '') {
    if (typeof type === 'string' && rule.targets && resourceTypes.has(type)) {
      target(walk, rule, type, depth);
    }
    return;
  }
  if (type === undefined) {
    for (const prefix of rule.prefixes) {
      if (text.startsWith(prefix) && plainIdFrom(text, prefix.length)) return;
    }
  }
  const slash = text.indexOf('/');
  const named = slash > 0 ? text.slice(0, slash) : '';
  if (resourceTypes.has(named) && plainIdFrom(text, slash + 1)) {
    target(walk, rule, named, depth);
    if (type !== undefined) statedType(walk, type, named, depth);
  } else slowReference(walk, rule, value, { text, depth });
}

function slowReference(
  walk: Walk,
  rule: ElementRule,
  { type }: JsonObject,
  { text, depth }: { text: string; depth: number },
): void {
  if (text.startsWith('#')) {
    localReference(walk, text, { rule, depth, must: true });
    return;
  }
  const parsed = parseReference(text);
  const fault = uriFault(text);
  if (fault !== undefined) walk.warning('value', depth, `${rule.json}: ${fault}`);
  if (parsed === undefined) {
    const forms = 'Type/id, an absolute URL, urn:uuid:…, #id or Type?query';
    walk.error('value', depth, `${rule.json}: expected a reference like ${forms}.`);
  } else if (parsed.kind === 'relative' || parsed.kind === 'conditional') {
    target(walk, rule, parsed.type, depth);
    if (type !== undefined) statedType(walk, type, parsed.type, depth);
  } else if (parsed.kind !== 'fragment') {
    const found = walk.bundle?.byUrl(text);
    const named = found?.['resourceType'] ?? (parsed.kind === 'absolute' ? parsed.type : undefined);
    if (typeof named === 'string') {
      target(walk, rule, named, depth);
      if (type !== undefined) statedType(walk, type, named, depth);
    } else if (parsed.kind === 'urn' && walk.bundle !== undefined) {
      const text = `${rule.json}: expected a fullUrl of this Bundle: urn: resolves within it only.`;
      if (walk.bundle.mustResolve) walk.error('not-found', depth, text);
      else walk.warning('not-found', depth, text);
    }
  }
}

function target(walk: Walk, { targets, json }: ElementRule, type: string, depth: number): void {
  if (targets === undefined || targets.has(type)) return;
  const text = `${json}: expected a reference to ${[...targets].join(', ')}.`;
  walk.error('structure', depth, text);
}

/** R4 references-definitions.html#Reference.type: it says what the reference points to. */
function statedType(walk: Walk, stated: unknown, named: string, depth: number): void {
  if (typeof stated !== 'string' || stated === named || stated.includes('/')) return;
  walk.error('structure', depth, 'Reference.type: expected the type that the reference points to.');
}
