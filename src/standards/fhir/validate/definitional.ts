import { resourceTypes } from '../definitions.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { searchParameters } from '../search/parameter.ts';
import { withSnapshot } from '../snapshot/snapshot.ts';
import { SnapshotRefused } from '../snapshot/snapshot-refused.ts';
import { statedValue } from './profile/demand.ts';
import { equalsFixed } from './profile/pattern.ts';
import { isAbsoluteUri } from './uri.ts';
import type { Walk } from './walk.ts';

/** Rules of the resources that say how others are read (R4 conformance-module.html). */
export function definitional(walk: Walk, value: JsonObject, type: string, depth: number): void {
  const { url } = value;
  if (typeof url === 'string' && value['status'] !== undefined && !isAbsoluteUri(url)) {
    walk.error('invalid', depth, `${type}.url: expected an absolute URI.`);
  }
  // a snapshot is made of what is sound in itself
  const sound = walk.issues.every(({ severity }) => severity !== 'error');
  if (type === 'StructureDefinition' && sound) structureDefinition(walk, value, depth);
  if (type === 'SearchParameter') searchParameter(walk, value, depth);
  else if (type === 'CapabilityStatement') capabilityStatement(walk, value, depth);
  else if (type === 'ValueSet') valueSet(walk, value, depth);
}

/** A profile is one that a snapshot can be made of, and keeps what its base fixed. */
function structureDefinition(walk: Walk, value: JsonObject, depth: number): void {
  const { profiles } = walk;
  const { derivation, baseDefinition, differential } = value;
  if (derivation !== 'constraint' || typeof baseDefinition !== 'string' || !profiles) return;
  const elements = isJsonObject(differential) ? differential['element'] : undefined;
  if (!Array.isArray(elements) || !elements.every(hasPath)) return;
  try {
    const { snapshot: _, ...told } = value;
    withSnapshot(told, { find: (_type, canonical) => profiles.definition(canonical) });
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    const text = `No snapshot can be made of it: ${error.code}.`;
    if (error.code === 'base-unknown') walk.warning('not-found', depth, text);
    else if (error.code === 'too-costly') walk.warning('too-costly', depth, text);
    else walk.error('invalid', depth, text);
  }
  const base = new Map(
    (profiles.definition(baseDefinition)?.snapshot?.element ?? []).map((one) => [one.id, one]),
  );
  for (const [at, element] of elements.entries()) {
    const own = statedValue(element, 'fixed');
    const before = base.get(element['id'] ?? element['path']);
    const fixed = before && statedValue(before, 'fixed');
    if (own === undefined || fixed === undefined || equalsFixed(own, fixed)) continue;
    const place = `${walk.expression(depth)}.differential.element[${at}]`;
    walk.tell('error', 'value', place, 'The base fixes another value.');
  }
}

const hasPath = (one: unknown) => isJsonObject(one) && typeof one['path'] === 'string';

const r4Parameter = /^http:\/\/hl7\.org\/fhir\/SearchParameter\/([A-Z][A-Za-z]+)-(.+?)(?:\|.*)?$/;

/** The type of one of R4's own search parameters; undefined: it is none, or of several types. */
function r4Kind(canonical: unknown): { base: string; kind: string } | undefined {
  const [, base = '', code = ''] = r4Parameter.exec(String(canonical).slice(0, 300)) ?? [];
  if (!resourceTypes.has(base)) return undefined;
  const kind = searchParameters(base).get(code)?.kind;
  if (kind === undefined) return undefined;
  return { base, kind: kind === 'birth-date' ? 'date' : kind };
}

function searchParameter(walk: Walk, value: JsonObject, depth: number): void {
  const { type, component, derivedFrom, base } = value;
  if (type === 'composite' && !(Array.isArray(component) && component.length > 1)) {
    const text = 'A composite SearchParameter has two components or more.';
    walk.error('business-rule', depth, text);
  }
  const from = r4Kind(derivedFrom);
  if (from === undefined) return;
  if (from.kind !== type) {
    const text = 'SearchParameter.type: expected the type of the parameter it is derived from.';
    walk.error('business-rule', depth, text);
  }
  if (Array.isArray(base) && base.some((one) => one !== from.base)) {
    const text = 'SearchParameter.base: expected types that it has where it is derived from.';
    walk.error('business-rule', depth, text);
  }
}

function capabilityStatement(walk: Walk, { rest }: JsonObject, depth: number): void {
  for (const [i, one] of objects(rest)) {
    for (const [j, { searchParam }] of objects(one['resource'])) {
      for (const [k, { definition, type }] of objects(searchParam)) {
        const known = r4Kind(definition);
        if (known === undefined || known.kind === type) continue;
        const place = `${walk.expression(depth)}.rest[${i}].resource[${j}].searchParam[${k}]`;
        walk.tell('error', 'invalid', place, `Its definition is of the type ${known.kind}.`);
      }
    }
  }
}

function valueSet(walk: Walk, { compose }: JsonObject, depth: number): void {
  if (!isJsonObject(compose)) return;
  for (const name of ['include', 'exclude']) {
    for (const [at, { system, filter }] of objects(compose[name])) {
      const place = `${walk.expression(depth)}.compose.${name}[${at}]`;
      if (typeof system === 'string' && !isAbsoluteUri(system)) {
        walk.tell('error', 'invalid', place, 'system: expected an absolute URI.');
      }
      for (const [i, { property, op, value }] of objects(filter)) {
        if (!flags.has(String(property)) || op !== '=' || value === 'true' || value === 'false') {
          continue;
        }
        const text = 'value: expected true or false, which is what the property has.';
        walk.tell('error', 'invalid', `${place}.filter[${i}]`, text);
      }
    }
  }
}

/** R4 codesystem-concept-properties.html: properties that are boolean in any code system. */
const flags = new Set(['notSelectable', 'inactive']);

function* objects(list: unknown): Generator<[number, JsonObject]> {
  if (!Array.isArray(list)) return;
  for (const [at, one] of list.entries()) if (isJsonObject(one)) yield [at, one];
}
