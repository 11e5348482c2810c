import { stat } from 'node:fs/promises';
import { codeOf } from '../../../platform/error-code.ts';
import { Halt } from '../../../platform/halt.ts';
import { CanonicalIndex } from '../../../standards/fhir/package/canonical-index.ts';
import { PackageRefused } from '../../../standards/fhir/package/manifest.ts';
import type { DefinitionFile } from './definition-file.ts';
import { packageArchive } from './package-archive.ts';
import { type Package, packageFolder } from './package-folder.ts';

/** The packages the operator gives to every tenant. */
export type PackageSet = {
  readonly index: CanonicalIndex<DefinitionFile>;
  /** `hl7.fhir.us.core 6.1.0`, in the order given. */
  readonly names: readonly string[];
};

export const noPackages: PackageSet = { index: new CanonicalIndex(), names: [] };

/**
 * @param list folders and archives, apart by commas; empty: none.
 * @throws {Halt} one line for the first that is missing or broken.
 */
export async function openPackages(list: string): Promise<PackageSet> {
  const index = new CanonicalIndex<DefinitionFile>();
  const names: string[] = [];
  const paths = list.split(',').map((path) => path.trim());
  for (const path of paths.filter((one) => one !== '')) {
    const { manifest, files } = await opened(path);
    for (const file of files) index.add(file.canonical, file);
    names.push(`${manifest.name} ${manifest.version}`);
  }
  return { index, names };
}

async function opened(path: string): Promise<Package> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? await packageFolder(path) : await packageArchive(path);
  } catch (error) {
    throw new Halt(`FHIR_PACKAGES: ${path} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof PackageRefused) return error.message.replace(/\.$/, '');
  const code = codeOf(error);
  if (code === 'ENOENT') return 'it, or its package.json, is not there';
  return code === 'EACCES' ? 'it may not be read' : 'it is damaged or no archive this reads';
}
