import { readFileSync } from 'node:fs';
import { typeSchema } from './definitions.ts';

type SummaryFile = { types: Record<string, string[]> };

let file: SummaryFile | undefined;
const summaries = new Map<string, ReadonlySet<string>>();
const mandatory = new Map<string, ReadonlySet<string>>();

/** JSON property names of a type's summary elements (R4 elementdefinition.html, isSummary). */
export function summaryElements(type: string): ReadonlySet<string> {
  const known = summaries.get(type);
  if (known !== undefined) return known;
  const url = new URL('../../generated/fhir-r4/summary.json', import.meta.url);
  file ??= JSON.parse(readFileSync(url, 'utf8')) as SummaryFile;
  const marked = new Set(file.types[type] ?? []);
  const names = jsonNames(type, (name, choice) => marked.has(choice ? `${name}[x]` : name));
  summaries.set(type, names);
  return names;
}

/**
 * JSON property names of a type's mandatory elements: `_elements` and `_summary` never drop them.
 */
export function mandatoryElements(type: string): ReadonlySet<string> {
  const known = mandatory.get(type);
  if (known !== undefined) return known;
  const names = jsonNames(type, (_name, _choice, required) => required);
  mandatory.set(type, names);
  return names;
}

function jsonNames(
  type: string,
  wanted: (name: string, choice: boolean, required: boolean) => boolean,
): ReadonlySet<string> {
  const elements = typeSchema(type)?.elements ?? [];
  const chosen = elements.filter((one) => wanted(one.name, one.choice, one.required));
  return new Set(chosen.flatMap((one) => one.types.map(({ json }) => json)));
}
