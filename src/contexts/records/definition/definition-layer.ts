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

/** Definitions kept parsed, the last asked for; a profile with its snapshot is about 1 MB. */
const mostParsed = 100;
/** Compressed bytes of what is kept parsed: about 25 MB of JSON, where someone stores large ones. */
const mostBytes = 2 * 1024 * 1024;

/** Definitions of our own over those below. R4's own always win over another of the same url. */
export function layerOver(
  below: DefinitionLayer,
  index: CanonicalIndex<DefinitionFile>,
): DefinitionLayer {
  const parsed = new Map<string, JsonObject>();
  const faults = new Map<string, string>();
  const making = new Set<DefinitionFile>();
  const sizes = new Map<string, number>();
  let bytes = 0;

  /** What was not asked for the longest goes, until the rest is within the bounds. */
  function forget(): void {
    for (const [key] of parsed) {
      if (parsed.size <= mostParsed && bytes <= mostBytes) return;
      if (parsed.size === 1) return;
      parsed.delete(key);
      bytes -= sizes.get(key) ?? 0;
      sizes.delete(key);
    }
  }

  function find(type: DefinitionType, canonical: string): JsonObject | undefined {
    if (canonical.startsWith(r4Urls)) {
      const own = r4Layer.find(type, canonical);
      if (own !== undefined) return own;
    }
    const file = index.find(type, canonical);
    if (file === undefined) return below.find(type, canonical);
    const key = `${type} ${canonical}`;
    const known = parsed.get(key);
    const made = known ?? file.read();
    parsed.delete(key);
    parsed.set(key, made);
    if (known === undefined) {
      sizes.set(key, file.size);
      bytes += file.size;
      forget();
    }
    return type === 'StructureDefinition' ? complete(file, made, canonical) : made;
  }

  /** A profile met again while its own snapshot is made is given as it is (snapshot.ts). */
  function complete(
    file: DefinitionFile,
    made: JsonObject,
    canonical: string,
  ): JsonObject | undefined {
    if (making.has(file)) return made;
    making.add(file);
    const key = `StructureDefinition ${canonical}`;
    try {
      const whole = withSnapshot(made, source);
      if (parsed.has(key)) parsed.set(key, whole);
      return whole;
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
