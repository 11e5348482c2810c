import type { Hasher } from '#phi';
import { subjectOf } from '../../standards/fhir/compartment.ts';
import { parseResourceJson } from '../../standards/fhir/json.ts';
import { extractIndex } from '../../standards/fhir/search/extract.ts';
import { presentMask } from '../../standards/fhir/search/parameter.ts';
import type { SearchRegistry } from '../../standards/fhir/search/registry.ts';
import {
  isSubsetted,
  joinGroups,
  metaText,
  splitByGroup,
} from '../../standards/fhir/sensitivity.ts';
import { selfName } from './blind-name.ts';
import { type Packed, type Parts, pack } from './envelope.ts';
import { type IndexRows, indexRows, MOST_ROWS } from './index-rows.ts';
import { requireServable } from './subscription/check-subscription.ts';

export type Resource = { resourceType: string; id?: string } & Record<string, unknown>;

/** All of a write that needs no database: done before a connection is taken. */
export type Prepared = {
  readonly type: string;
  readonly id: string;
  readonly self: bigint;
  /** Blind name of the patient whose key seals it; 0n when it is nobody's. */
  readonly subject: bigint;
  readonly patientId: string | undefined;
  readonly parts: Parts;
  /** Text of meta without version and time, braces left out. */
  readonly meta: string | undefined;
  /** It came as a part of a resource, marked so (R4 search.html#summary). */
  readonly subsetted: boolean;
  readonly packed: readonly Packed[];
  readonly rows: IndexRows;
  readonly present: bigint;
  /** Profiles it claims and nobody here knows: accepted, and told. */
  readonly unknownProfiles?: readonly string[];
};

/** The resource has passed the structural check and carries its id. */
export function prepare(
  hash: Hasher,
  resource: Resource & { id: string },
  baseUrl: string,
): Prepared {
  requireServable(resource, baseUrl);
  const type = resource.resourceType;
  const values = extractIndex(resource, baseUrl);
  const patient = subjectOf(resource);
  const parts = splitByGroup(resource);
  const meta = metaText(resource);
  return {
    type,
    id: resource.id,
    self: selfName(hash, type, resource.id),
    subject: patient === undefined ? 0n : selfName(hash, 'Patient', patient.id),
    patientId: patient?.id,
    parts,
    meta,
    subsetted: isSubsetted(resource),
    packed: pack(type, parts, meta),
    rows: indexRows(hash, type, values, MOST_ROWS),
    present: presentMask(values, type),
  };
}

/** What a stored version had put into the search tables, worked out anew from its content. */
export function rowsOf(
  hash: Hasher,
  resource: Resource,
  baseUrl: string,
  registry?: SearchRegistry,
): IndexRows {
  return indexRows(hash, resource.resourceType, extractIndex(resource, baseUrl, registry));
}

/** The same of what is about to be written, where a tenant has parameters of its own. */
export function rowsOfPrepared(
  hash: Hasher,
  { type, id, parts, meta }: Prepared,
  known: { baseUrl: string; registry: SearchRegistry },
): IndexRows {
  const version = { type, id, versionId: '1', lastUpdated: '1970-01-01T00:00:00Z' };
  const json = joinGroups(version, meta, [...parts.values()]);
  const resource = parseResourceJson(json, { maxDepth: 1000 }) as Resource;
  return rowsOf(hash, resource, known.baseUrl, known.registry);
}
