import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import type { Store } from '../store.ts';
import { type DefinitionLayer, layerOver, r4Layer } from './definition-layer.ts';
import { noDefinitions, type OwnDefinitions, readOwn } from './own-definitions.ts';
import type { PackageSet } from './package-set.ts';

/** The definitions a tenant's resources are read by, as they are at one moment. */
export type TenantDefinitions = DefinitionLayer & {
  /** Stored definitions that are not read because there are too many; told, never silent. */
  readonly unread: number;
};

export type Definitions = {
  /**
   * R4's own, the operator's packages and what the tenant stored. The same object as long as
   * nothing changed, so that what is made from it can be kept beside it. What this process writes
   * counts at once, what another writes within a second.
   */
  of(tenant: number): Promise<TenantDefinitions>;
  /** The SearchParameters the tenant stored, the newest version of each. */
  searchParameters(tenant: number): Promise<JsonObject[]>;
  /** A transaction of this process has written definitions. */
  changed(tenant: number): void;
};

/** Milliseconds another process's write may go unseen. */
const UNSEEN_MS = 1_000;
/** Bytes of compressed definitions kept for all tenants; those not asked for the longest go. */
const mostBytes = 64 * 1024 * 1024;
/** Tenants remembered, most of them for having none. */
const mostTenants = 10_000;

/** As checked: a write of this process has come since. */
const overtaken = Number.NEGATIVE_INFINITY;

type Tenant = {
  own: OwnDefinitions;
  source: TenantDefinitions;
  checkedAt: number;
  /** Writes of this process that have come since it was last read. */
  changes: number;
  reading: Promise<void> | undefined;
};

type Parts = Pick<Store, 'database' | 'phi' | 'log'> & { readonly packages: PackageSet };

export function openDefinitions(parts: Parts): Definitions {
  const shared: TenantDefinitions = { ...layerOver(r4Layer, parts.packages.index), unread: 0 };
  const tenants = new Map<number, Tenant>();

  async function current(tenant: number): Promise<Tenant> {
    const known = tenants.get(tenant) ?? newTenant(shared);
    // Asked for last: it goes last.
    tenants.delete(tenant);
    tenants.set(tenant, known);
    if (performance.now() - known.checkedAt <= UNSEEN_MS) return known;
    do {
      known.reading ??= refresh(tenant, known).finally(() => {
        known.reading = undefined;
      });
      await known.reading;
    } while (known.checkedAt === overtaken);
    return known;
  }

  async function refresh(tenant: number, known: Tenant): Promise<void> {
    const { changes } = known;
    const at = performance.now();
    const own = await readOwn(parts, tenant, known.own);
    if (own !== known.own) {
      known.own = own;
      const { unread } = own;
      known.source = own.rows.size === 0 ? shared : { ...layerOver(shared, own.index), unread };
      if (unread > 0) parts.log.warn({ tenant, unread }, 'too many definitions: some are not read');
    }
    evict(tenant);
    if (known.changes === changes) known.checkedAt = at;
  }

  function evict(keep: number): void {
    let bytes = 0;
    let count = tenants.size;
    for (const { own } of tenants.values()) bytes += own.bytes;
    for (const [tenant, { own }] of tenants) {
      if (bytes <= mostBytes && count <= mostTenants) return;
      if (tenant === keep) continue;
      bytes -= own.bytes;
      count -= 1;
      tenants.delete(tenant);
    }
  }

  return {
    of: async (tenant) => (await current(tenant)).source,
    async searchParameters(tenant) {
      const { own } = await current(tenant);
      return [...own.index.newest('SearchParameter')].map((file) => file.read());
    },
    changed(tenant) {
      const known = tenants.get(tenant);
      if (known === undefined) return;
      known.changes += 1;
      known.checkedAt = overtaken;
    },
  };
}

function newTenant(source: TenantDefinitions): Tenant {
  return { own: noDefinitions, source, checkedAt: overtaken, changes: 0, reading: undefined };
}
