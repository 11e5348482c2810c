import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { ElementDefinition } from './element-definition.ts';

/** What a differential adds to rather than replaces, and by what two entries are the same. */
const accumulating: Readonly<Record<string, (entry: unknown) => string>> = {
  constraint: (entry) => member(entry, 'key'),
  mapping: (entry) => `${member(entry, 'identity')} ${member(entry, 'map')}`,
  condition: String,
  alias: String,
  example: (entry) => member(entry, 'label'),
};

function member(entry: unknown, key: string): string {
  return isJsonObject(entry) ? String(entry[key]) : '';
}

/**
 * An element as the profile leaves it (R4 profiling.html#limitations): what the differential says
 * stands in the place of what the base says; constraints come together, by key.
 *
 * @param source canonical of the profile, told with each constraint it adds.
 */
export function mergeElement(
  base: ElementDefinition,
  differential: ElementDefinition,
  source: string,
): ElementDefinition {
  const merged: ElementDefinition = { ...base };
  const said = { ...differential, ...withSource(differential, source) };
  for (const [key, value] of Object.entries(said)) {
    if (key === 'id' || key === 'path') continue;
    const same = accumulating[key];
    merged[key] = same === undefined ? value : union(merged[key], value, same);
    if (key === 'binding') merged[key] = { ...Object(base['binding']), ...Object(value) };
    // R4 elementdefinition.html#ElementDefinition.fixed_x_: a fixed value settles a pattern.
    if (/^(?:fixed|pattern)[A-Z]/.test(key)) dropOthers(merged, key);
  }
  return merged;
}

function withSource({ constraint }: ElementDefinition, source: string): Partial<ElementDefinition> {
  return constraint === undefined
    ? {}
    : { constraint: constraint.map((one) => ({ source, ...one })) };
}

function union(
  base: unknown,
  added: unknown,
  same: (entry: unknown) => string,
): (JsonObject & { key: string })[] {
  const entries = new Map<string, unknown>();
  for (const list of [base, added]) {
    for (const entry of Array.isArray(list) ? list : []) entries.set(same(entry), entry);
  }
  return [...entries.values()] as (JsonObject & { key: string })[];
}

/** A pattern narrows to a fixed value, or to a pattern of another spelling of the same type. */
function dropOthers(merged: ElementDefinition, kept: string): void {
  for (const key of Object.keys(merged)) {
    if (key !== kept && /^(?:fixed|pattern)[A-Z]/.test(key)) delete merged[key];
  }
}

/** What a new slice begins as: the element it is a slice of, unsliced and not required. */
export function sliceOf(element: ElementDefinition): ElementDefinition {
  const { slicing: _slicing, sliceName: _name, ...rest } = element;
  return { ...rest, path: element.path, min: 0 };
}
