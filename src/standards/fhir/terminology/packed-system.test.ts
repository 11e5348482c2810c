import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CodeSystem } from './code-system.ts';
import { ancestors, descendants, isA } from './hierarchy.ts';
import { packedSystem } from './packed-system.ts';
import { resourceSystem } from './resource-system.ts';
import { SystemBuilder } from './system-builder.ts';

const word = fc.constantFrom('Heart', 'Ärzte', 'lung', 'acute', 'x', '10', '€uro', '');
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ').trim());
const concept = fc.record({
  display: fc.option(text),
  designations: fc.array(text, { maxLength: 2 }),
  parents: fc.array(fc.nat(30), { maxLength: 3 }),
  size: fc.array(fc.constantFrom('small', 'large'), { maxLength: 2 }),
  inactive: fc.boolean(),
});
type Concept = typeof concept extends fc.Arbitrary<infer T> ? T : never;

/** Without any of the words in it, or the search by code would find it. */
const codeOf = (at: number) => `Q${'J'.repeat(at + 1)}`;
const about = { url: 'urn:large', name: 'Large', caseSensitive: true };

/** The same concepts as a resource and as arrays; a parent stands before its children. */
function both(list: readonly Concept[]): [CodeSystem, CodeSystem] {
  const builder = new SystemBuilder(about);
  for (const at of list.keys()) builder.concept(codeOf(at));
  const concepts = list.map((one, at) => {
    const parents = [...new Set(one.parents.filter((parent) => parent < at))];
    for (const value of one.designations) builder.designation(at, { language: 'en' }, value);
    if (one.display) builder.display(at, one.display);
    for (const parent of parents) builder.parent(at, parent);
    for (const size of one.size) builder.property(at, { code: 'size', type: 'String' }, size);
    if (one.inactive) builder.inactive(at);
    return {
      code: codeOf(at),
      ...(one.display && { display: one.display }),
      designation: one.designations.flatMap((value) => (value ? [{ language: 'en', value }] : [])),
      property: [
        ...parents.map((parent) => ({ code: 'parent', valueCode: codeOf(parent) })),
        ...one.size.map((valueString) => ({ code: 'size', valueString })),
        { code: 'inactive', valueBoolean: one.inactive },
      ],
    };
  });
  const resource = { ...about, version: '1', content: 'complete', concept: concepts };
  return [packedSystem(builder.pack('1')), resourceSystem(resource)];
}

test('packed, a code system answers as its resource does', () => {
  fc.assert(
    fc.property(fc.array(concept, { maxLength: 30 }), fc.array(word), (list, words) => {
      const [packed, resource] = both(list);
      const lower = words.map((one) => one.toLowerCase()).filter((one) => one !== '');
      assert.equal(packed.size, resource.size);
      for (let at = 0; at < list.length; at += 1) {
        assert.equal(packed.find(codeOf(at)), at);
        assert.equal(packed.display(at), resource.display(at));
        assert.deepEqual(
          packed.designations(at).filter(({ value }) => value !== ''),
          resource.designations(at),
        );
        assert.deepEqual(packed.valuesOf(at, 'size'), resource.valuesOf(at, 'size'));
        assert.equal(packed.isInactive(at), resource.isInactive(at));
        const sets = [ancestors, descendants] as const;
        for (const walk of sets)
          assert.deepEqual(sorted(walk(packed, at)), sorted(walk(resource, at)));
        assert.equal(isA(packed, at, 0), at === 0 || ancestors(resource, at).has(0));
      }
      if (lower.length > 0) {
        assert.deepEqual(sorted(packed.search(lower)), sorted(resource.search(lower)), `${lower}`);
      }
      assert.equal(packed.find('Q'), -1);
      assert.equal(packed.find('x'.repeat(10_000)), -1);
    }),
    { numRuns: 300 },
  );
});

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);
