import type { DefinitionSource } from '../../standards/fhir/definition-source.ts';
import { openTerminology, type Terminology } from '../../standards/fhir/terminology/terminology.ts';
import type { LargeSystems } from './large-systems.ts';

type Layer = { terminology: Terminology; edition: number };

/**
 * A tenant's definitions over the large systems over R4's own. What is made of them is kept as long
 * as both are the same; tenants without definitions of their own share it.
 */
export function openLayers(
  parts: { definitionsOf(tenant: number): Promise<DefinitionSource> },
  large: LargeSystems,
): (tenant: number) => Promise<Terminology> {
  const made = new WeakMap<DefinitionSource, Layer>();
  return async (tenant) => {
    const waiting = large.ready();
    if (waiting !== undefined) await waiting;
    const definitions = await parts.definitionsOf(tenant);
    const edition = large.edition();
    const known = made.get(definitions);
    if (known?.edition === edition) return known.terminology;
    const terminology = openTerminology({ definitions, largeSystem: large.find });
    made.set(definitions, { terminology, edition });
    return terminology;
  };
}
