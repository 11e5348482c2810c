import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { searchableTypes, searchParameters } from './parameter.ts';

const archive = fileURLToPath(
  new URL(
    '../../../../../shared/data/fhir-r4-definitions/hl7.fhir.r4-definitions-4.0.1.tar.xz',
    import.meta.url,
  ),
);
const skip = existsSync(archive) ? false : 'the R4 definitions are not beside the project';

type Definition = { code: string; base?: string[]; expression?: string };

async function searchParameterDefinitions(): Promise<Definition[]> {
  const packed = Readable.toWeb(createReadStream(archive)) as ReadableStream<Uint8Array>;
  const files = Readable.fromWeb(new xz.XzReadableStream(packed)).pipe(extract());
  const found: Definition[] = [];
  for await (const file of files) {
    const wanted = file.header.name.includes('/SearchParameter-');
    if (wanted) found.push((await json(file)) as Definition);
    else file.resume();
  }
  return found;
}

/** README.md says why. */
const exceptions = [
  'MolecularSequence.chromosome-variant-coordinate',
  'MolecularSequence.referenceseqid-variant-coordinate',
  'Patient.age',
  'Patient.birthOrderBoolean',
];

test('every R4 search parameter with an expression can be searched', { skip }, async () => {
  const definitions = await searchParameterDefinitions();
  assert.ok(definitions.length > 1300);
  const absent = new Set<string>();
  for (const { code, base = [], expression } of definitions) {
    const everywhere = base.some((type) => type === 'Resource' || type === 'DomainResource');
    if (everywhere && expression === undefined) continue;
    for (const type of everywhere ? searchableTypes() : base) {
      if (!searchParameters(type).has(code)) absent.add(`${type}.${code}`);
    }
  }
  assert.deepEqual([...absent].sort(), exceptions);
});
