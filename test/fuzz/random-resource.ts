import {
  type ElementSchema,
  type ElementType,
  resourceTypes,
  typeSchema,
} from '../../src/standards/fhir/definitions.ts';
import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import type { Random } from '../../src/standards/population/random.ts';
import { hostileNumbers, hostileTexts, hostileValues } from './hostile.ts';

export const allTypes: readonly string[] = [...resourceTypes];

/** Levels below a resource: what is optional is left out below. */
const deepest = 6;

const primitives: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  integer: [0, 1, -7, 2147483647],
  positiveInt: [1, 12],
  unsignedInt: [0, 3],
  decimal: [1, 0.5, -3, JSON.rawJSON('1.50'), JSON.rawJSON('120.0')],
  id: ['a', 'x-1', 'known.1'],
  date: ['2024', '2024-02', '2024-02-29', '1870-01-01'],
  dateTime: ['2024', '2024-02-29', '2024-02-29T10:00:00Z', '1999-12-31T23:59:59.999-05:00'],
  instant: ['2024-02-29T10:00:00Z', '2015-02-07T13:28:17.239+02:00'],
  time: ['10:30:00', '23:59:59.5'],
  code: ['final', 'active', 'en', 'x'],
  base64Binary: ['AAAA', 'SGVsbG8='],
  uri: ['http://example.org/x', 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
  url: ['http://example.org/x', 'https://example.org/y?z=1'],
  canonical: ['http://example.org/x|1', 'http://hl7.org/fhir/ValueSet/administrative-gender'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
  xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml"><a href="#a">x</a></div>'],
  string: ['x', 'Ann', 'Müller', '120/80'],
  markdown: ['*x*'],
};

/** A resource by R4's definitions; `wild`: how likely anything in it is not, from 0 to 1. */
export function randomResource(random: Random, wild: number, type?: string): JsonObject {
  const chosen = type ?? random.pick(allTypes);
  return { resourceType: chosen, ...object(random, { wild, level: 0 }, chosen) };
}

type Place = { readonly wild: number; readonly level: number };

function object(random: Random, place: Place, type: string): JsonObject {
  const made: JsonObject = {};
  const elements = typeSchema(type)?.elements ?? [];
  const share = place.level === 0 ? 0.25 : 0.3 / (place.level + 1);
  for (const element of elements) {
    if (element.name === 'id' && place.level === 0) continue;
    const wanted = element.required || (place.level < deepest && random.chance(share));
    if (wanted && !random.chance(place.wild)) put(random, place, made, element);
  }
  // R4 has no empty elements.
  if (Object.keys(made).length === 0 && place.level > 0) made['id'] = 'e';
  if (random.chance(place.wild)) {
    const value = random.pick(hostileValues);
    const key = random.pick([...hostileTexts, '_id', 'resourceType', 'extension', 'valueString']);
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true });
  }
  return made;
}

function put(random: Random, place: Place, made: JsonObject, element: ElementSchema): void {
  const type = random.pick(element.types);
  const one = () => value(random, place, type);
  const many = element.repeats !== random.chance(place.wild / 4);
  made[type.json] = many ? Array.from({ length: random.integer(1, 2) }, one) : one();
}

function value(random: Random, place: Place, type: ElementType): unknown {
  if (random.chance(place.wild)) return wildValue(random);
  if (type.kind === 'primitive') {
    if (type.codes !== undefined && type.codes.size > 0) return random.pick([...type.codes]);
    return random.pick(primitives[type.code] ?? ['x']);
  }
  const inside = { ...place, level: place.level + 1 };
  if (type.code === 'Resource') return inner(random, inside);
  if (type.code === 'Reference') return reference(random, type);
  if (type.code === 'Extension') {
    return { url: 'http://example.org/e', valueString: random.pick(['x', 'y']) };
  }
  if (type.code === 'Narrative') return { status: 'generated', div: primitives['xhtml']?.[0] };
  return object(random, inside, type.code);
}

function inner(random: Random, { wild }: Place): JsonObject {
  const resource = { resourceType: 'Patient', id: random.pick(['a', 'b']), active: true };
  return random.chance(wild) ? randomResource(random, wild) : resource;
}

function reference(random: Random, { targets }: ElementType): JsonObject {
  const target = random.pick([...(targets ?? ['Patient'])]);
  const known = resourceTypes.has(target) ? target : 'Patient';
  return random.pick([
    { reference: `${known}/known.1` },
    { reference: `https://other.example/fhir/${known}/9` },
    { display: 'x' },
    { identifier: { system: 'urn:s', value: 'v' } },
  ]);
}

function wildValue(random: Random): unknown {
  const kind = random.integer(0, 2);
  if (kind === 0) return random.pick(hostileTexts);
  if (kind === 1) return JSON.rawJSON(random.pick(hostileNumbers));
  return random.pick(hostileValues);
}
