import type { JsonObject } from '../json-object.ts';
import type { Binding } from './binding.ts';
import type { ElementRule } from './rule.ts';
import { isAbsoluteUri } from './uri.ts';
import type { Walk } from './walk.ts';

/** A well-formed `code` against its element's binding, which can only be a required one. */
export function boundCode(
  walk: Walk,
  { binding, json }: Pick<ElementRule, 'binding' | 'json'>,
  code: string,
  depth: number,
): void {
  if (binding === undefined) return;
  const found = walk.bindings?.code(binding, code);
  if (found === true || (mimeTypes.test(binding.valueSet) && encodings.has(code))) return;
  if (found === undefined) untold(walk, binding, depth);
  else if (binding.strength === 'required') {
    walk.error('code-invalid', depth, `${json}: expected a code of ${binding.valueSet}.`);
  } else {
    walk.warning('code-invalid', depth, `${json}: expected a code of ${binding.valueSet}.`);
  }
}

/** R4 http.html#mime-type: short names where mime types stand, as in CapabilityStatement.format. */
const encodings = new Set(['json', 'xml', 'ttl']);
const mimeTypes = /\/mimetypes(?:\||$)/;

/** A Coding, CodeableConcept or Quantity against its element's binding. */
export function coded(walk: Walk, rule: ElementRule, value: JsonObject, depth: number): void {
  const { binding } = rule;
  if (binding !== undefined) boundCoded(walk, binding, rule.type, { value, depth });
}

type Coded = { value: JsonObject; depth: number };

/** R4 terminologies.html#strength: of a CodeableConcept any one coding may be the one. */
export function boundCoded(walk: Walk, binding: Binding, type: string, coded: Coded): void {
  const { value, depth } = coded;
  if (type === 'CodeableConcept') {
    const { coding } = value;
    const list = Array.isArray(coding) ? coding : [];
    among(walk, binding, list, { value, depth });
  } else if (type === 'Coding' || type === 'Quantity' || quantities.has(type)) {
    if (value['code'] !== undefined) among(walk, binding, [value], { value, depth });
    else if (binding.strength === 'required' && type === 'Coding') none(walk, binding, depth);
  }
}

const quantities = new Set(['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity']);

function among(walk: Walk, binding: Binding, list: unknown[], { value, depth }: Coded): void {
  let unsure = false;
  let codes = 0;
  for (const one of list) {
    if (typeof one !== 'object' || one === null) continue;
    const { system, code }: { system?: unknown; code?: unknown } = one;
    if (typeof code !== 'string') continue;
    codes++;
    const named = typeof system === 'string' ? system : undefined;
    const found = named === undefined ? false : walk.bindings?.coding(binding, named, code);
    if (found === true) return;
    if (found === undefined) unsure = true;
  }
  if (codes === 0) {
    if (binding.strength === 'required') none(walk, binding, depth);
    else if (value['text'] === undefined) notFound(walk, binding, depth);
  } else if (unsure) untold(walk, binding, depth);
  else if (binding.most && !list.some((one) => isIn(walk, binding.most, one))) {
    walk.error('code-invalid', depth, `Expected a code of ${binding.most}.`);
  } else notFound(walk, binding, depth);
}

/** What cannot be told counts as a yes. */
function isIn(walk: Walk, valueSet: string | undefined, coding: unknown): boolean {
  if (valueSet === undefined || typeof coding !== 'object' || coding === null) return false;
  const { system, code }: { system?: unknown; code?: unknown } = coding;
  if (typeof code !== 'string' || typeof system !== 'string') return false;
  return walk.bindings?.has(valueSet, system, code) !== false;
}

function none(walk: Walk, binding: Binding, depth: number): void {
  const text = `No code is given, and one of ${binding.valueSet} is required.`;
  walk.error('code-invalid', depth, text);
}

function notFound(walk: Walk, { strength, valueSet }: Binding, depth: number): void {
  if (strength === 'required') {
    walk.error('code-invalid', depth, `Expected a code of ${valueSet}.`);
  } else {
    const text = `Expected a code of ${valueSet}, unless none of its codes fits.`;
    walk.warning('code-invalid', depth, text);
  }
}

function untold(walk: Walk, { strength, valueSet }: Binding, depth: number): void {
  const text = `Whether the code is one of ${valueSet} cannot be told: its codes are not known here.`;
  if (strength === 'required') walk.warning('not-found', depth, text);
  else walk.information('not-found', depth, text);
}

/** R4 datatypes.html#Coding: the system is an absolute URI. */
export function codingSystem(walk: Walk, { system }: JsonObject, depth: number): void {
  if (typeof system !== 'string' || system.startsWith('http') || isAbsoluteUri(system)) return;
  walk.error('value', depth, 'Coding.system: expected an absolute URI.');
}

export function simpleQuantity(walk: Walk, depth: number): void {
  walk.error('invariant', depth, 'The comparator is not used on a SimpleQuantity (sqty-1).');
}
