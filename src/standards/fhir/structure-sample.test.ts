import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { parseResourceJson } from './json.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { joinGroups, metaText, splitByGroup } from './sensitivity.ts';
import { checkStructure } from './structure.ts';

const data = new URL('../../../../shared/data/', import.meta.url);
const synthea = new URL('synthea-r4-sample/synthea-v2.4-50-patients.tar.xz', data);
const definitions = new URL('fhir-r4-definitions/hl7.fhir.r4-definitions-4.0.1.tar.xz', data);

const absent = (file: URL) => (existsSync(file) ? false : `left out: no ${file.pathname}`);

async function* files(archive: URL): AsyncGenerator<[name: string, source: string]> {
  const compressed = Readable.toWeb(createReadStream(archive));
  const entries = Readable.from(new xz.XzReadableStream(compressed)).pipe(extract());
  for await (const entry of entries) {
    const source = await text(entry);
    if (entry.header.name.endsWith('.json')) yield [entry.header.name, source];
  }
}

function resourcesOf(bundle: JsonObject): ({ resourceType: string } & JsonObject)[] {
  const entries: unknown[] = Array.isArray(bundle.entry) ? bundle.entry : [];
  return entries.flatMap((entry) => {
    const resource = isJsonObject(entry) ? entry.resource : undefined;
    if (!isJsonObject(resource) || typeof resource.resourceType !== 'string') return [];
    return [{ ...resource, resourceType: resource.resourceType }];
  });
}

test('10,456 resources of 50 synthetic patients are all sound, and come back from their groups', {
  skip: absent(synthea),
}, async () => {
  let count = 0;
  for await (const [name, source] of files(synthea)) {
    const bundle = parseResourceJson(source);
    assert.deepEqual(checkStructure(bundle), [], name);
    for (const resource of resourcesOf(bundle)) {
      count++;
      const version = { type: resource.resourceType, id: 'a', versionId: '1', lastUpdated: 'now' };
      const parts = [...splitByGroup(resource).values()];
      const joined = parseResourceJson(joinGroups(version, metaText(resource), parts));
      const meta = {
        ...(isJsonObject(resource.meta) && resource.meta),
        versionId: '1',
        lastUpdated: 'now',
      };
      assert.deepEqual(joined, { ...resource, id: 'a', meta });
    }
  }
  assert.equal(count, 10_456);
});

test('R4’s own definitions are sound, but for 13 that R4 itself published with faults', {
  skip: absent(definitions),
}, async () => {
  const faulty: string[] = [];
  let count = 0;
  for await (const [name, source] of files(definitions)) {
    const resource = parseResourceJson(source);
    if (resource.resourceType === undefined) continue;
    count++;
    if (checkStructure(resource).length) faulty.push(name);
  }
  assert.ok(count > 4500);
  assert.equal(faulty.length, 13, faulty.join());
});
