import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { parseResourceJson } from '../json.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { compileFhirPath, type FhirNode, type FhirPath, nodeOf } from './fhirpath.ts';

const data = new URL('../../../../../shared/data/', import.meta.url);
const synthea = new URL('synthea-r4-sample/synthea-v2.4-50-patients.tar.xz', data);
const definitions = new URL('fhir-r4-definitions/hl7.fhir.r4-definitions-4.0.1.tar.xz', data);
const absent = [synthea, definitions].find((file) => !existsSync(file));
const skip = absent ? `left out: no ${absent.pathname}` : false;
const environment = { now: new Date('2024-02-29') };

async function* resources(archive: URL): AsyncGenerator<JsonObject> {
  const compressed = Readable.toWeb(createReadStream(archive));
  const entries = Readable.from(new xz.XzReadableStream(compressed)).pipe(extract());
  for await (const entry of entries) {
    const source = await text(entry);
    if (entry.header.name.endsWith('.json')) yield parseResourceJson(source);
  }
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

type Invariants = Map<string, Map<string, FhirPath>>;

/** Compiles the constraints of a definition: those that are errors, by the path they stand at. */
function readInvariants(resource: JsonObject, invariants: Invariants): number {
  let count = 0;
  if (resource['resourceType'] === 'SearchParameter' && resource['expression']) {
    compileFhirPath(String(resource['expression']));
    return 1;
  }
  const snapshot = resource['snapshot'];
  const profile = resource['derivation'] === 'constraint';
  for (const element of objects(isJsonObject(snapshot) ? snapshot['element'] : [])) {
    const path = String(element['path']);
    const known = invariants.get(path) ?? new Map<string, FhirPath>();
    for (const { key, severity, expression } of objects(element['constraint'])) {
      if (typeof expression !== 'string') continue;
      const compiled = compileFhirPath(expression);
      count++;
      if (severity === 'error' && !profile) known.set(String(key), compiled);
    }
    invariants.set(path, known);
  }
  return count;
}

const children = compileFhirPath('children()');

/** The invariants that are false, of an element and all in it. */
function broken(node: FhirNode, invariants: Invariants): string[] {
  const own = [...(invariants.get(node.type) ?? [])]
    .filter(([, invariant]) => invariant.test(node, environment) === false)
    .map(([key]) => `${key} at ${node.type}`);
  const inside = children.evaluate(node, environment);
  return [...own, ...inside.flatMap((child) => broken(child, invariants))];
}

test('all expressions of R4 compile, and its invariants hold for 50 synthetic patients', {
  skip,
}, async () => {
  const invariants: Invariants = new Map();
  let expressions = 0;
  for await (const resource of resources(definitions)) {
    expressions += readInvariants(resource, invariants);
  }
  assert.ok(expressions > 10_000, `${expressions} expressions`);
  let count = 0;
  for await (const bundle of resources(synthea)) {
    for (const { resource } of objects(bundle['entry'])) {
      if (!isJsonObject(resource)) continue;
      count++;
      assert.deepEqual(broken(nodeOf(resource), invariants), []);
    }
  }
  assert.equal(count, 10_456);
});

/** Of R4's StructureDefinitions: a sample that is always here. */
const sample: [expression: string, resource: JsonObject, holds: boolean | undefined][] = [
  [
    'contact.all(name.exists() or telecom.exists() or address.exists() or organization.exists())',
    { resourceType: 'Patient', contact: [{ gender: 'male' }] },
    false,
  ],
  [
    'contained.contained.empty()',
    { resourceType: 'Patient', contained: [{ resourceType: 'Patient', contained: [{}] }] },
    false,
  ],
  [
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants()" +
      '.as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or ' +
      "descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#')" +
      ".exists() or descendants().where(as(canonical) = '#').exists()).not())" +
      ".trace('unmatched', id).empty()",
    {
      resourceType: 'Patient',
      contained: [{ resourceType: 'Organization', id: 'o' }],
      managingOrganization: { reference: '#o' },
    },
    true,
  ],
  [
    'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    {
      resourceType: 'Observation',
      code: { coding: [{ system: 's', code: 'c' }] },
      valueString: 'x',
      component: [{ code: { coding: [{ code: 'c', system: 's' }] } }],
    },
    false,
  ],
  [
    "(type='group' implies item.empty().not()) and (type.trace('type')='display' implies " +
      "item.trace('item').empty())",
    { resourceType: 'Questionnaire' },
    undefined,
  ],
  [
    "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    { resourceType: 'ValueSet', name: 'AdministrativeGender' },
    true,
  ],
  [
    'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
    { resourceType: 'Task', lastModified: '2020-01', authoredOn: '2020-01-05' },
    undefined,
  ],
  [
    "type = 'document' implies entry.first().resource.is(Composition)",
    { resourceType: 'Bundle', type: 'document', entry: [{ resource: { resourceType: 'Basic' } }] },
    false,
  ],
];

test('invariants of R4 are answered', () => {
  for (const [expression, resource, holds] of sample) {
    const answer = compileFhirPath(expression).test(nodeOf(resource), environment);
    assert.equal(answer, holds, expression);
  }
});
