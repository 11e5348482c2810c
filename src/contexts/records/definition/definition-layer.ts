import type {
  DefinitionSource,
  DefinitionType,
} from '../../../standards/fhir/definition-source.ts';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import type { CanonicalIndex } from '../../../standards/fhir/package/canonical-index.ts';
import { withSnapshot } from '../../../standards/fhir/snapshot/snapshot.ts';
import { SnapshotRefused } from '../../../standards/fhir/snapshot/snapshot-refused.ts';
import { r4Content } from '../../../standards/fhir/terminology/r4-content.ts';
import { baseDefinition } from '../../../standards/fhir/validate/r4-definition.ts';
import type { DefinitionFile } from './definition-file.ts';
import { ParsedDefinitions } from './parsed-definitions.ts';

/** Definitions, each StructureDefinition with a snapshot. */
export type DefinitionLayer = DefinitionSource & {
  /** Why a StructureDefinition that is here cannot be used; undefined: it can, or is not here. */
  fault(canonical: string): string | undefined;
};

/** What R4 itself publishes: nobody may define it anew. */
const r4Urls = 'http://hl7.org/fhir/';

/** R4's own definitions, read from what is generated. */
export const r4Layer: DefinitionLayer = {
  find: (type, canonical) =>
    type === 'StructureDefinition' ? baseDefinition(canonical) : r4Content.find(type, canonical),
  fault: () => undefined,
};

/** Definitions of our own over those below. R4's own always win over another of the same url. */
export function layerOver(
  below: DefinitionLayer,
  index: CanonicalIndex<DefinitionFile>,
): DefinitionLayer {
  const parsed = new ParsedDefinitions();
  const faults = new Map<string, string>();
  const making = new Set<DefinitionFile>();

  function find(type: DefinitionType, canonical: string): JsonObject | undefined {
    const own = canonical.startsWith(r4Urls) ? r4Layer.find(type, canonical) : undefined;
    if (own !== undefined) return own;
    const file = index.find(type, canonical);
    if (file === undefined) return below.find(type, canonical);
    const key = `${type} ${canonical}`;
    const made = parsed.get(key, file);
    if (type !== 'StructureDefinition') return made;
    const whole = complete(file, made, canonical);
    if (whole !== undefined && whole !== made) parsed.replace(key, whole);
    return whole;
  }

  /** A profile met again while its own snapshot is made is given as it is (snapshot.ts). */
  function complete(
    file: DefinitionFile,
    made: JsonObject,
    canonical: string,
  ): JsonObject | undefined {
    if (making.has(file)) return made;
    making.add(file);
    try {
      return withSnapshot(made, source);
    } catch (error) {
      if (!(error instanceof SnapshotRefused)) throw error;
      // Within the making of another profile, that one is at fault too and shall say so.
      if (making.size > 1) throw error;
      faults.set(canonical, error.message);
      return undefined;
    } finally {
      making.delete(file);
    }
  }

  const source: DefinitionLayer = {
    find,
    fault(canonical) {
      if (!faults.has(canonical)) find('StructureDefinition', canonical);
      return faults.get(canonical) ?? below.fault(canonical);
    },
  };
  return source;
}
