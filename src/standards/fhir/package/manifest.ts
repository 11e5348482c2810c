import { isJsonObject } from '../json-object.ts';

/** What a FHIR package says of itself in package/package.json. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
};

/** Why something is no package for this program; the text names no file. */
export class PackageRefused extends Error {
  override name = 'PackageRefused';
}

/** @throws {PackageRefused} when it is no manifest, or one of a package for another FHIR. */
export function readManifest(value: unknown): Manifest {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') {
    throw new PackageRefused('its package.json does not name a package');
  }
  const { name, version, fhirVersions, 'fhir-version-list': older } = value;
  const versions = fhirVersions ?? older;
  const r4 = (one: unknown) => typeof one === 'string' && one.startsWith('4.0');
  if (Array.isArray(versions) && !versions.some(r4)) {
    throw new PackageRefused('it is not for FHIR R4 (4.0.1)');
  }
  return { name, version: typeof version === 'string' ? version : '' };
}
