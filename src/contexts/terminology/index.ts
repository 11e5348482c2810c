import type { Route } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { DefinitionSource } from '../../standards/fhir/definition-source.ts';
import type { CodeSets } from '../../standards/fhir/terminology/code-set.ts';
import { ancestorsOf, codesIn, descendantsOf, type SystemCode } from './codes.ts';
import { openLargeSystems } from './large-systems.ts';
import { openLayers } from './layers.ts';
import { type Asked, terminologyRoutes } from './routes.ts';

export type TerminologyParts = Omit<Asked, 'terminologyOf' | 'now'> & {
  /** The definitions a tenant has beside R4's own; the same object while nothing changed. */
  definitionsOf(tenant: number): Promise<DefinitionSource>;
  readonly database: Database;
  readonly log: Log;
  readonly now?: () => Date;
};

/** Code systems, value sets and maps: R4's own, the operator's and each tenant's. */
export type Terminology = {
  readonly routes: readonly Route[];
  /** What value sets contain, for bindings; made of the definitions as they are now. */
  codeSets(tenant: number): Promise<CodeSets>;
  /**
   * The codes of a value set, at most `bound`. Problem `too-costly` for more, `not-found` for a
   * value set, or a code system in it, that is not held here.
   */
  codesIn(tenant: number, valueSet: string, bound: number): Promise<SystemCode[]>;
  /** A code and all below it (`:below`), at most `bound`; Problems as of `codesIn`. */
  descendants(tenant: number, of: SystemCode, bound: number): Promise<string[]>;
  /** A code and all above it (`:above`). */
  ancestors(tenant: number, of: SystemCode, bound: number): Promise<string[]>;
};

export function openTerminology(parts: TerminologyParts): Terminology {
  const terminologyOf = openLayers(parts, openLargeSystems(parts.database, parts.log));
  const now = parts.now ?? (() => new Date());
  return {
    routes: terminologyRoutes({ ...parts, terminologyOf, now }),
    codeSets: terminologyOf,
    codesIn: async (tenant, valueSet, bound) =>
      codesIn(await terminologyOf(tenant), valueSet, bound),
    descendants: async (tenant, of, bound) => descendantsOf(await terminologyOf(tenant), of, bound),
    ancestors: async (tenant, of, bound) => ancestorsOf(await terminologyOf(tenant), of, bound),
  };
}

export type { SystemCode } from './codes.ts';
export { loadTerminology } from './load/load.ts';
