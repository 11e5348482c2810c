import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';
import type { Canonical } from '../../../standards/fhir/package/canonical-index.ts';
import type { Change } from '../change.ts';

/** The resources that say how others are read; all else of a package is not for this program. */
export const definitionTypes = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
  'Questionnaire',
] as const;
export type DefinedType = (typeof definitionTypes)[number];

export function isDefinitionType(type: unknown): type is DefinedType {
  return definitionTypes.some((one) => one === type);
}

/** Whether the change is of a resource that says how others are read. */
export function definesOthers(change: Change): boolean {
  return isDefinitionType(change.deed === 'delete' ? change.type : change.prepared.type);
}

/** A definition, read anew from where it lies each time it is asked for. */
export type DefinitionFile = {
  readonly canonical: Canonical;
  /** Bytes it takes compressed; 0 for one on the operator's disk. */
  readonly size: number;
  read(): JsonObject;
};

/** What a resource is found by; undefined for one that is no definition or has no url. */
export function canonicalOf(resource: unknown): Canonical | undefined {
  if (!isJsonObject(resource)) return undefined;
  const { resourceType: type, url, version } = resource;
  if (!isDefinitionType(type) || typeof url !== 'string' || url === '') return undefined;
  return { type, url, version: typeof version === 'string' ? version : undefined };
}

/** The definition kept in memory, compressed: a twelfth of its text. */
export function packed(resource: JsonObject, canonical: Canonical): DefinitionFile {
  const { text: _, ...told } = resource;
  const bytes = deflateRawSync(JSON.stringify(told), { level: 1 });
  return {
    canonical,
    size: bytes.length,
    read: () => JSON.parse(inflateRawSync(bytes).toString()) as JsonObject,
  };
}
