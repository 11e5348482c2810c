import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalOf, packed } from '../../src/contexts/records/definition/definition-file.ts';
import { layerOver } from '../../src/contexts/records/definition/definition-layer.ts';
import { isJsonObject, type JsonObject } from '../../src/standards/fhir/json-object.ts';
import { CanonicalIndex } from '../../src/standards/fhir/package/canonical-index.ts';
import type { StructureDefinition } from '../../src/standards/fhir/snapshot/element-definition.ts';
import { checkStructure } from '../../src/standards/fhir/structure.ts';
import { openValidator } from '../../src/standards/fhir/validate/validate.ts';
import { instanceOf } from './instance.ts';
import { type UsCore, usCore, usCoreAbsent } from './us-core.ts';

/** About five seconds. */
const rounds = 150;

/** What a careless or hostile author may write where a text is asked for. */
const texts = [
  ...['x', 'Patient', '#Observation.component', 'value[x]', '*', '0', '-1', '(((', '%', 'a.b.c'],
  ...['$this', 'resolve()', "extension('x')", 'type', 'profile', 'pattern', 'exists', 'closed'],
  'http://hl7.org/fhir/StructureDefinition/Observation',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-vital-signs',
];

/** The same numbers in every run, so that a fault can be looked at. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % sides;
  };
}

type Place = { holder: Record<string, unknown>; key: string };

/** What nobody validates by. */
const prose = /^(?:definition|comment|short|requirements|mapping|human|xpath|description|source)$/;

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder: Record<string, unknown> = Object(value);
  const keys = Object.keys(holder).filter((key) => !prose.test(key));
  return keys.flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

function mutate(value: unknown, roll: (sides: number) => number): void {
  const places = placesIn(value);
  for (let left = 1 + roll(4); left > 0; left -= 1) {
    const place = places[roll(places.length)];
    if (place === undefined) return;
    const { holder, key } = place;
    const old = holder[key];
    if (roll(4) === 0 && !Array.isArray(holder)) delete holder[key];
    else if (typeof old === 'string') holder[key] = texts[roll(texts.length)];
    else if (typeof old === 'number') holder[key] = [0, 1, 5, 1e9][roll(4)];
    else if (Array.isArray(old)) old.push(structuredClone(old[roll(old.length)]));
  }
}

/** The guide, with a profile of its own as a tenant might have stored it. */
function validatorWith(guide: UsCore, sd: JsonObject) {
  const index = new CanonicalIndex<ReturnType<typeof packed>>();
  const canonical = canonicalOf(sd);
  if (canonical !== undefined) index.add(canonical, packed(sd, canonical));
  const below = { find: guide.definitions.find, fault: () => undefined };
  const definitions = layerOver(below, index);
  return openValidator({ definitions, codeSets: guide.terminology });
}

test('whatever becomes of a profile, validating by it answers and does not throw', {
  skip: usCoreAbsent,
}, async (t) => {
  const guide = await usCore('6.1.0');
  const profiles = guide.profiles.filter(({ kind }) => kind === 'resource');
  const now = new Date('2026-01-01T00:00:00Z');
  const url = 'http://broken.example/p';
  let said = 0;
  for (let seed = 1; seed <= rounds; seed += 1) {
    const roll = dice(seed * 7919);
    const profile = profiles[roll(profiles.length)];
    if (profile === undefined) throw new Error('no profile');
    const sd: StructureDefinition = { ...structuredClone(profile), url };
    // Half of them by their differential alone.
    if (roll(2) === 0) delete sd.snapshot;
    mutate(sd.snapshot ?? sd.differential, roll);
    if (checkStructure(sd).some(({ severity }) => severity === 'error')) continue;
    const validator = validatorWith(guide, sd);
    const sound = instanceOf(guide, profile);
    const meta = { ...(isJsonObject(sound['meta']) && sound['meta']), profile: [url] };
    const issues = validator.validate({ ...sound, meta }, { now });
    if (issues.some(({ severity }) => severity === 'error')) said += 1;
    validator.validate(sd, { now });
  }
  t.diagnostic(`${said} of ${rounds} broken profiles refuse the sound instance`);
  assert.ok(said > 0);
});
