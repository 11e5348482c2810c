import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Issue } from '../../src/standards/fhir/issue.ts';
import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import { withSnapshot } from '../../src/standards/fhir/snapshot/snapshot.ts';
import { brokenVariants } from './broken-variant.ts';
import { instanceOf } from './instance.ts';
import { agreement } from './snapshot-agreement.ts';
import { type UsCore, usCore, usCoreAbsent, usCoreVersions } from './us-core.ts';

const now = new Date('2026-01-01T00:00:00Z');

function errors({ validator }: UsCore, resource: JsonObject): Issue[] {
  return validator.validate(resource, { now }).filter(({ severity }) => severity === 'error');
}

for (const version of usCoreVersions) {
  test(`US Core ${version}: of every profile a sound resource is sound, a broken one is not`, {
    skip: usCoreAbsent,
  }, async (t) => {
    const guide = await usCore(version);
    const profiles = guide.profiles.filter(({ kind }) => kind === 'resource');
    assert.ok(profiles.length >= 26, `${profiles.length} profiles`);
    const counts = new Map<string, number>();
    for (const profile of profiles) {
      const sound = instanceOf(guide, profile);
      assert.deepEqual(errors(guide, sound), [], profile.url);
      const variants = brokenVariants(profile, sound);
      assert.ok(variants.length > 0, profile.url);
      for (const { fault, at, broken } of variants) {
        counts.set(fault, (counts.get(fault) ?? 0) + 1);
        assert.ok(errors(guide, broken).length > 0, `${profile.url}: ${fault} ${at} is not seen`);
      }
    }
    const told = [...counts].map(([fault, count]) => `${count} ${fault}`).join(', ');
    t.diagnostic(`${profiles.length} profiles; broken: ${told}`);
  });
}

/** Share of the published snapshots' elements that a differential alone gives the same of. */
const floors: Readonly<Record<string, number>> = { '3.1.1': 0.97, '6.1.0': 1, '7.0.0': 0.999 };

for (const version of usCoreVersions) {
  test(`US Core ${version}: snapshots made from the differentials are as published`, {
    skip: usCoreAbsent,
  }, async (t) => {
    const { published, definitions } = await usCore(version);
    const sum = { elements: 0, same: 0, left: 0 };
    for (const sd of published.filter(({ derivation }) => derivation === 'constraint')) {
      const { snapshot, ...said } = sd;
      // us-core-questionnaireresponse stands on a guide that was not collected.
      if (definitions.find('StructureDefinition', sd.baseDefinition ?? '') === undefined) {
        sum.left += 1;
        continue;
      }
      const made = withSnapshot(said, definitions).snapshot?.element ?? [];
      const { elements, same } = agreement(snapshot?.element ?? [], made);
      sum.elements += elements;
      sum.same += same;
    }
    const share = sum.same / sum.elements;
    t.diagnostic(`${sum.same} of ${sum.elements} elements the same, ${sum.left} profiles left out`);
    assert.ok(share >= (floors[version] ?? 1), `${(100 * share).toFixed(2)} %`);
    assert.ok(sum.left <= 1);
  });
}
