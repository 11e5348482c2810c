import type { PackageSet } from './package-set.ts';

/** The profiles of the operator's packages by the resource type they are of, for /metadata. */
export function supportedProfiles({ index }: PackageSet): ReadonlyMap<string, readonly string[]> {
  const byType = new Map<string, string[]>();
  for (const file of index.newest('StructureDefinition')) {
    const { kind, derivation, type } = file.read();
    if (kind !== 'resource' || derivation !== 'constraint' || typeof type !== 'string') continue;
    byType.set(type, [...(byType.get(type) ?? []), file.canonical.url]);
  }
  return byType;
}
