import { existsSync } from 'node:fs';
import { layerOver, r4Layer } from '../../src/contexts/records/definition/definition-layer.ts';
import { openPackages } from '../../src/contexts/records/definition/package-set.ts';
import type { StructureDefinition } from '../../src/standards/fhir/snapshot/element-definition.ts';
import { openTerminology } from '../../src/standards/fhir/terminology/terminology.ts';
import { openValidator, type Validator } from '../../src/standards/fhir/validate/validate.ts';
import type { Maker } from './example-value.ts';

const folder = new URL('../../../shared/data/us-core/', import.meta.url);
export const usCoreAbsent = existsSync(folder) ? false : `left out: no ${folder.pathname}`;

export const usCoreVersions = ['3.1.1', '6.1.0', '7.0.0'] as const;

export type UsCore = Maker & {
  readonly validator: Validator;
  /** Profiles of resources and extensions, without a base that is not here. */
  readonly profiles: readonly StructureDefinition[];
  /** As published, with and without snapshots. */
  readonly published: readonly StructureDefinition[];
};

export async function usCore(version: string): Promise<UsCore> {
  const path = new URL(`hl7.fhir.us.core-${version}-definitions.tar.xz`, folder).pathname;
  const { index } = await openPackages(path);
  const definitions = layerOver(r4Layer, index);
  const terminology = openTerminology({ definitions });
  const validator = openValidator({ definitions, codeSets: terminology });
  const published = [...index.newest('StructureDefinition')].map(
    (file) => file.read() as StructureDefinition,
  );
  const profiles = published
    .filter(({ derivation, kind, type }) => derivation === 'constraint' && kind && type)
    .flatMap(({ url }) => definitions.find('StructureDefinition', url) ?? []);
  return {
    ...{ definitions, terminology, validator, published },
    profiles: profiles as StructureDefinition[],
  };
}
