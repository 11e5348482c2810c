// Writes src/generated/fhir-r4/summary.json: the elements of each resource type that R4 marks as
// part of its summary. Run with --from <folder> of the unpacked `npm pack
// hl7.fhir.r4.examples@4.0.1`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

type Definition = {
  kind: string;
  derivation?: string;
  type: string;
  snapshot?: { element: { path: string; isSummary?: boolean }[] };
};

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (values.from === undefined) throw new Error('--from <folder> is needed');
const from = values.from;
const types: Record<string, string[]> = {};
for (const name of readdirSync(from).filter((one) => one.startsWith('StructureDefinition-'))) {
  const definition = JSON.parse(readFileSync(join(from, name), 'utf8')) as Definition;
  if (definition.kind !== 'resource' || definition.derivation !== 'specialization') continue;
  const elements = definition.snapshot?.element ?? [];
  types[definition.type] = elements
    .filter((one) => one.isSummary === true && one.path.split('.').length === 2)
    .map((one) => one.path.slice(definition.type.length + 1));
}
const ordered = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
const generated =
  'by scripts/generate-fhir-summary.ts from hl7.fhir.r4.examples 4.0.1; do not edit';
const target = new URL('../src/generated/fhir-r4/summary.json', import.meta.url);
writeFileSync(target, `${JSON.stringify({ generated, types: ordered })}\n`);
