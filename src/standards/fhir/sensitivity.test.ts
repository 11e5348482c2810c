import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceTypes, typeSchema } from './definitions.ts';
import { parseResourceJson } from './json.ts';
import { groupOf, groups, joinGroups, metaText, splitByGroup } from './sensitivity.ts';
import { sensitivityTable } from './sensitivity-table.ts';

const version = {
  type: 'Patient',
  id: 'p1',
  versionId: '3',
  lastUpdated: '2024-05-17T10:00:00.000Z',
};
const patient = {
  resourceType: 'Patient',
  id: 'p1',
  meta: {
    versionId: '2',
    lastUpdated: 'then',
    profile: ['http://x.example'],
    tag: [{ code: 't' }],
  },
  gender: 'female',
  name: [{ family: 'Müller' }],
  _birthDate: { extension: [{ url: 'http://x.example', valueString: 'x' }] },
  telecom: [{ value: '1' }],
  deceasedBoolean: false,
};

test('the table names every R4 resource type, and only elements that exist', () => {
  assert.deepEqual([...sensitivityTable.keys()].sort(), [...resourceTypes].sort());
  for (const [type, { parts = {} }] of sensitivityTable) {
    const elements = typeSchema(type)?.elements ?? [];
    const names = elements.map((one) => (one.choice ? `${one.name}[x]` : one.name));
    for (const name of Object.values(parts).flat())
      assert.ok(names.includes(name), `${type}.${name}`);
  }
});

test('who a patient is, how to reach them and the rest are three groups', () => {
  const identity = ['identifier', 'name', 'birthDate', '_birthDate', 'deceasedDateTime', 'photo'];
  for (const element of [...identity, 'multipleBirthInteger', 'text', 'extension', 'contained']) {
    assert.equal(groupOf('Patient', element), 'identity', element);
  }
  for (const element of ['telecom', 'address', 'contact']) {
    assert.equal(groupOf('RelatedPerson', element === 'contact' ? 'telecom' : element), 'contact');
    assert.equal(groupOf('Patient', element), 'contact');
  }
  assert.equal(groupOf('Patient', 'gender'), 'administrative');
});

test('care is clinical, claims are financial, definitions administrative', () => {
  assert.equal(groupOf('Observation', 'valueQuantity'), 'clinical');
  assert.equal(groupOf('Claim', 'diagnosis'), 'financial');
  assert.equal(groupOf('StructureDefinition', 'name'), 'administrative');
  assert.equal(groupOf('Appointment', 'start'), 'administrative');
  assert.equal(groupOf('Appointment', 'reasonCode'), 'clinical');
});

test('what R4 does not define is clinical, the safe side', () => {
  assert.equal(groupOf('Patient', 'unheardOf'), 'clinical');
  assert.equal(groupOf('UnheardOf', 'status'), 'clinical');
});

test('a resource is split by group in the order of the groups, as text without braces', () => {
  const split = splitByGroup(patient);
  assert.deepEqual([...split.keys()], ['identity', 'contact', 'administrative']);
  assert.ok([...split.keys()].every((group) => groups.includes(group)));
  assert.equal(split.get('contact'), '"telecom":[{"value":"1"}]');
  assert.equal(split.get('administrative'), '"gender":"female"');
  assert.equal(metaText(patient), '"profile":["http://x.example"],"tag":[{"code":"t"}]');
});

test('meta without anything of its own has no text', () => {
  assert.equal(metaText({ meta: { versionId: '1' } }), undefined);
  assert.equal(metaText({}), undefined);
});

test('split and joined, a resource is the same, decimals as written', () => {
  const observation = parseResourceJson(
    '{"resourceType":"Observation","valueQuantity":{"value":7.10}}',
  );
  const split = splitByGroup({ ...observation, resourceType: 'Observation' });
  const joined = joinGroups({ ...version, type: 'Observation' }, undefined, [...split.values()]);
  assert.ok(joined.toString().endsWith(',"valueQuantity":{"value":7.10}}'));

  const bytes = [...splitByGroup(patient).values()].map((text) => Buffer.from(text));
  assert.deepEqual(JSON.parse(joinGroups(version, metaText(patient), bytes).toString()), {
    ...patient,
    meta: { ...patient.meta, versionId: '3', lastUpdated: version.lastUpdated },
  });
});

test('a resource without a group says SUBSETTED, once, beside its other tags', () => {
  const subsetted = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
    code: 'SUBSETTED',
  };
  const tagsOf = (meta: string | undefined) =>
    JSON.parse(joinGroups(version, meta, [], { subsetted: true }).toString()).meta.tag;
  assert.deepEqual(tagsOf(undefined), [subsetted]);
  assert.deepEqual(tagsOf(metaText(patient)), [{ code: 't' }, subsetted]);
  assert.deepEqual(tagsOf(`"tag":[${JSON.stringify(subsetted)}]`), [subsetted]);
});

test('a resource of nothing but its version is valid JSON', () => {
  assert.deepEqual(JSON.parse(joinGroups(version, '', ['', Buffer.alloc(0)]).toString()), {
    resourceType: 'Patient',
    id: 'p1',
    meta: { versionId: '3', lastUpdated: version.lastUpdated },
  });
});
