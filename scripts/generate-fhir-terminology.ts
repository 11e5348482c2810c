/**
 * Writes src/generated/fhir-r4/terminology.json and terminology.pack from HL7's own R4 definitions:
 * every CodeSystem, ValueSet and ConceptMap, without what no terminology question asks for.
 *
 *   npm pack hl7.fhir.r4.examples@4.0.1 && tar xf hl7.fhir.r4.examples-4.0.1.tgz
 *   node scripts/generate-fhir-terminology.ts --from package
 *
 * The pack is pieces of resources, one a line, each piece compressed by itself, so that one
 * question unpacks one piece. The index tells by type and url: version, piece and line; of maps
 * also their scopes.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';

type Definition = Record<string, unknown> & { resourceType: string; url: string; version: string };

/** Characters before compression: 1 ms to unpack and parse. */
const PIECE = 64_000;

const kept: Readonly<Record<string, readonly string[]>> = {
  CodeSystem: [
    ...['caseSensitive', 'valueSet', 'hierarchyMeaning', 'compositional', 'content'],
    ...['supplements', 'filter', 'property', 'concept'],
  ],
  ValueSet: ['immutable', 'compose', 'expansion'],
  ConceptMap: ['sourceUri', 'sourceCanonical', 'targetUri', 'targetCanonical', 'group'],
};
const always = [
  ...['resourceType', 'id', 'url', 'version', 'name', 'title', 'status'],
  ...['description', 'copyright'],
];

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (!values.from) throw new Error('Say where the unpacked package is: --from <folder>.');
const folder = values.from;

const definitions = readdirSync(folder)
  .filter((name) => /^(CodeSystem|ValueSet|ConceptMap)-.*\.json$/.test(name))
  .sort()
  .map((name): Definition => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const versions = new Map(definitions.map((one) => [one.url, one.version]));

function trimmed(definition: Definition): string {
  const fields = [...always, ...(kept[definition.resourceType] ?? [])];
  const one = Object.fromEntries(fields.map((field) => [field, definition[field]]));
  if (one['compose'] !== undefined) delete one['expansion'];
  for (const include of includesOf(one['compose'])) dropForeignVersion(include);
  return JSON.stringify(one, (key, value) =>
    key === 'extension' || key.startsWith('_') ? undefined : value,
  );
}

function includesOf(compose: unknown): Record<string, unknown>[] {
  const { include = [], exclude = [] } = (compose ?? {}) as Record<
    string,
    Record<string, unknown>[] | undefined
  >;
  return [...include, ...exclude];
}

/** R4's task-code value set names 3.6.0 of a code system that R4 publishes as 4.0.1. */
function dropForeignVersion(include: Record<string, unknown>): void {
  const published = versions.get(String(include['system']));
  if (published !== undefined && include['version'] !== published) delete include['version'];
}

const index: Record<string, Record<string, (string | number | null)[]>> = {};
const pieces: Buffer[] = [];
let lines: string[] = [];
let length = 0;

function closePiece(): void {
  if (lines.length === 0) return;
  pieces.push(brotliCompressSync(lines.join('\n')));
  lines = [];
  length = 0;
}

for (const definition of definitions) {
  const text = trimmed(definition);
  if (length + text.length > PIECE) closePiece();
  const { resourceType, url, version } = definition;
  const scope = (end: string) =>
    (definition[`${end}Canonical`] ?? definition[`${end}Uri`] ?? null) as string | null;
  const scopes = resourceType === 'ConceptMap' ? [scope('source'), scope('target')] : [];
  index[resourceType] ??= {};
  index[resourceType][url] = [version, pieces.length, lines.length, ...scopes];
  lines.push(text);
  length += text.length;
}
closePiece();

const target = (name: string) => new URL(`../src/generated/fhir-r4/${name}`, import.meta.url);
writeFileSync(target('terminology.pack'), Buffer.concat(pieces));
const entries = Object.entries(index).map(([type, byUrl]) => {
  const rows = Object.entries(byUrl).map(
    ([url, row]) => `   ${JSON.stringify(url)}: ${JSON.stringify(row)}`,
  );
  return `  ${JSON.stringify(type)}: {\n${rows.join(',\n')}\n  }`;
});
const head = 'by scripts/generate-fhir-terminology.ts from hl7.fhir.r4.examples 4.0.1; do not edit';
writeFileSync(
  target('terminology.json'),
  `{\n "generated": ${JSON.stringify(head)},\n` +
    ` "pieces": ${JSON.stringify(pieces.map((piece) => piece.length))},\n` +
    ` "definitions": {\n${entries.join(',\n')}\n }\n}\n`,
);
process.stdout.write(`${definitions.length} definitions in ${pieces.length} pieces\n`);
