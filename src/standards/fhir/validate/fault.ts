import type { JsonObject } from '../json-object.ts';
import { boundCode } from './coded.ts';
import type { Invariant } from './invariant.ts';
import { deepest } from './place.ts';
import { localReference } from './reference-check.ts';
import type { ElementRule } from './rule.ts';
import { uriFault } from './uri.ts';
import type { Walk } from './walk.ts';
import { xhtmlFault } from './xhtml.ts';

/** An object, or a number whose text was kept; its one property tells it from FHIR's objects. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type of the element the walk stands at. */
function typeAt(walk: Walk, depth: number): string {
  return walk.step[depth]?.type ?? '';
}

export function notObject(walk: Walk, value: unknown, depth: number): void {
  const type = typeAt(walk, depth);
  const text = Array.isArray(value)
    ? 'Expected one value, not an array.'
    : `Expected a JSON object (${type}).`;
  walk.error('structure', depth, text);
}

export function tooDeep(walk: Walk, depth: number): void {
  walk.error('too-costly', depth, `Nested deeper than ${deepest} levels.`);
}

export function empty(walk: Walk, depth: number): void {
  const text = 'An element has a value or children, not only an id (ele-1): leave it out instead.';
  walk.error('invariant', depth, text);
}

export function unknown(walk: Walk, owner: string, key: string, depth: number): void {
  if (key === 'rawJSON') {
    walk.error(
      'structure',
      depth,
      `Expected a JSON object (${typeAt(walk, depth)}), not a number.`,
    );
    return;
  }
  const name = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(key) ? `'${key}'` : 'of this name';
  walk.error('structure', depth, `${owner} has no element ${name}.`);
}

export function missing(walk: Walk, owner: string, name: string, depth: number): void {
  walk.error('required', depth, `${owner}.${name} is required.`);
}

export function choice(walk: Walk, rule: ElementRule, depth: number): void {
  const text = `${rule.name}[x]: expected only one of its types, ${rule.json} is another.`;
  walk.error('structure', depth, text);
}

/** Whether the element is an array with something in it, as one that may repeat must be. */
export function isList(
  walk: Walk,
  rule: ElementRule,
  value: unknown,
  depth: number,
): value is unknown[] {
  if (Array.isArray(value) && value.length > 0) return true;
  walk.enter(rule, depth + 1);
  const expected = Array.isArray(value)
    ? 'an array with at least one item; leave it out instead'
    : 'a JSON array, because the element may repeat';
  walk.error('structure', depth + 1, `${rule.json}: expected ${expected}.`);
  return false;
}

/** A primitive that the fast code did not pass: wrong, or rare. Its place is entered here. */
export function primitive(walk: Walk, rule: ElementRule, value: unknown, depth: number): void {
  walk.enter(rule, depth);
  checkPrimitive(walk, rule, value, depth);
}

/** An item of a repeating primitive; null stands where `_given` has the extensions. */
export function repeated(
  walk: Walk,
  rule: ElementRule,
  value: unknown,
  siblings: unknown,
  index: number,
  depth: number,
): void {
  walk.enterAt(rule, depth, index);
  if (value !== null || !Array.isArray(siblings)) checkPrimitive(walk, rule, value, depth);
  else if (!isObject(siblings[index])) {
    const text = `${rule.json}: expected a value, or its extension in _${rule.json}.`;
    walk.error('structure', depth, text);
  }
}

function checkPrimitive(walk: Walk, rule: ElementRule, value: unknown, depth: number): void {
  const expected = Array.isArray(value) ? 'one value, not an array' : rule.primitive?.(value);
  if (expected !== undefined) {
    walk.error(faultCode(value, rule.type), depth, `${rule.json}: expected ${expected}.`);
    return;
  }
  if (typeof value !== 'string') return;
  if (rule.type === 'code') boundCode(walk, rule, value, depth);
  else if (rule.type === 'xhtml') {
    const fault = xhtmlFault(value);
    if (fault !== undefined) walk.error('invariant', depth, `${rule.json}: ${fault}`);
  } else if (rule.type === 'uri' || rule.type === 'canonical' || rule.type === 'url') {
    if (value.charCodeAt(0) === 35) localReference(walk, value, { rule, depth, must: false });
    const fault = uriFault(value);
    if (fault !== undefined) walk.error('value', depth, `${rule.json}: ${fault}`);
  }
}

function checkId(walk: Walk, id: unknown, depth: number): void {
  if (typeof id === 'string' && id !== '') elementId(walk, id, depth);
  else walk.error('structure', depth, 'id: expected a string that is not empty.');
}

/** What stands beside a primitive; beside a value, an id may stand alone. */
export function sibling(walk: Walk, value: unknown, primitive: unknown, depth: number): void {
  const element = walk.types('Element');
  if (primitive != null && isObject(value) && Object.keys(value).length === 1 && 'id' in value) {
    checkId(walk, value['id'], depth);
  } else element?.check(value, depth);
}

/** R4 json.html#primitive: `_given` carries ids and extensions, aligned with `given` by nulls. */
export function siblings(
  walk: Walk,
  rule: ElementRule,
  value: unknown,
  primitives: unknown,
  depth: number,
): void {
  const json = `_${rule.json}`;
  walk.enter(rule, depth + 1);
  if (!Array.isArray(value) || value.length === 0) {
    walk.error('structure', depth + 1, `${json}: expected a JSON array that is not empty.`);
    return;
  }
  if (Array.isArray(primitives) && primitives.length !== value.length) {
    const text = `${json}: expected as many items as ${rule.json} has; fill up with null.`;
    walk.error('structure', depth + 1, text);
  }
  for (let index = 0; index < value.length; index++) {
    const paired = Array.isArray(primitives) && primitives[index] != null;
    if (value[index] === null && paired) continue;
    walk.enterAt(rule, depth + 1, index);
    sibling(
      walk,
      value[index],
      Array.isArray(primitives) ? primitives[index] : undefined,
      depth + 1,
    );
  }
}

export function broken(walk: Walk, invariant: Invariant, depth: number): void {
  if (invariant.severity === 'error') walk.error('invariant', depth, invariant.text);
  else walk.warning('invariant', depth, invariant.text);
}

const jsonTypes = new Map([
  ['boolean', 'boolean'],
  ['decimal', 'number'],
  ['integer', 'number'],
  ['positiveInt', 'number'],
  ['unsignedInt', 'number'],
]);

/** The wrong JSON type is a fault of structure, the wrong content one of value. */
function faultCode(value: unknown, type: string): 'structure' | 'value' | 'too-long' {
  if (typeof value === 'string' && value.length > 1_048_576) return 'too-long';
  const given = JSON.isRawJSON(value) ? 'number' : typeof value;
  return given === (jsonTypes.get(type) ?? 'string') ? 'value' : 'structure';
}

/** R4 element.html#id: unique within the resource. */
export function elementId(walk: Walk, id: unknown, depth: number): void {
  if (typeof id !== 'string') return;
  const { resource, ids } = walk;
  if (ids === undefined || ids.resource !== resource) walk.ids = { resource, seen: new Set([id]) };
  else if (ids.seen.has(id)) {
    walk.error('business-rule', depth, 'id: another element of the resource has the same.');
  } else ids.seen.add(id);
}
