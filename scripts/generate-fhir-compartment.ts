/**
 * Writes src/generated/fhir-r4/compartment.json from HL7's own R4 definitions:
 *
 *   npm pack hl7.fhir.r4.core@4.0.1 && tar xf hl7.fhir.r4.core-4.0.1.tgz
 *   node scripts/generate-fhir-compartment.ts --from package
 *
 * By compartment and type: the search parameters through which a resource is in it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

type CompartmentDefinition = {
  code: string;
  resource: { code: string; param?: string[] }[];
};

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (!values.from) throw new Error('Say where the unpacked package is: --from <folder>.');
const folder = values.from;
const compartments: Record<string, Record<string, string[]>> = {};
for (const name of readdirSync(folder).sort()) {
  if (!/^CompartmentDefinition-.*\.json$/.test(name)) continue;
  const { code, resource }: CompartmentDefinition = JSON.parse(
    readFileSync(join(folder, name), 'utf8'),
  );
  const members = resource.flatMap(({ code: type, param = [] }) => {
    // `{def}` is the resource whose compartment it is: true of each, so not written.
    const params = param.filter((one) => one !== '{def}');
    return params.length > 0 ? [[type, params] as const] : [];
  });
  compartments[code] = Object.fromEntries(members);
}
const target = new URL('../src/generated/fhir-r4/compartment.json', import.meta.url);
const generated = 'by scripts/generate-fhir-compartment.ts';
writeFileSync(target, `${JSON.stringify({ generated, compartments }, undefined, 1)}\n`);
