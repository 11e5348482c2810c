import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { edgeCases } from '../../../../test/search/edge-case.ts';
import { population } from '../../population/index.ts';
import { extractIndex } from './extract.ts';
import type { IndexValue } from './index-value.ts';
import { searchableTypes, searchParameters } from './parameter.ts';
import { pointsTo } from './reference-text.ts';
import { parameterFrom } from './stored-parameter.ts';

const archive = fileURLToPath(
  new URL(
    '../../../../../shared/data/fhir-r4-definitions/hl7.fhir.r4-definitions-4.0.1.tar.xz',
    import.meta.url,
  ),
);
const skip = existsSync(archive) ? false : 'the R4 definitions are not beside the project';

type Definition = { code: string; base?: string[]; expression?: string };

let unpacked: Promise<Definition[]> | undefined;

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
  unpacked ??= searchParameterDefinitions();
  const definitions = await unpacked;
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

/**
 * Which parameter a value is said to be of, and whether its words count, differ by construction.
 */
function comparable(value: IndexValue): string {
  const [, of = ''] = value.param.split(':');
  const parts = value.kind === 'composite' ? value.parts.map(comparable) : undefined;
  return JSON.stringify({ ...value, param: of, words: undefined, parts });
}

function compiledValues(resource: { resourceType: string }, code: string): Set<string> {
  const parameter = searchParameters(resource.resourceType).get(code);
  const target = parameter?.target;
  const found = extractIndex(resource).filter(
    (one) =>
      parameter?.covers.includes(one.param.split(':')[0] ?? '') &&
      (target === undefined || (one.kind === 'reference' && pointsTo(one, target))),
  );
  return new Set(found.map(comparable));
}

test('R4’s expressions evaluated find what their compiled paths find', { skip }, async () => {
  unpacked ??= searchParameterDefinitions();
  const definitions = await unpacked;
  const people = [...population({ seed: 5, patients: 1 })].flatMap(({ resources }) => resources);
  const used = new Set<string>();
  for (const resource of [...people, ...edgeCases()]) {
    const { resourceType: type } = resource;
    for (const definition of definitions) {
      const { code, base = [] } = definition;
      const mine = searchParameters(type).get(code);
      if (!base.includes(type) || !mine || mine.root || code === 'near') continue;
      const own = { ...definition, code: 'evaluated', base: [type] };
      const read = parameterFrom(own, (_code, why) => assert.fail(`${type}.${code}: ${why}`));
      if ('refused' in read) continue;
      const compiled = compiledValues(resource, code);
      const evaluated = new Set(read.parameter.extract(resource).map(comparable));
      assert.deepEqual(evaluated, compiled, `${type}.${code}`);
      if (compiled.size > 0) used.add(`${type}.${code}`);
    }
  }
  assert.ok(used.size > 120, `only ${used.size} parameters had values`);
});
