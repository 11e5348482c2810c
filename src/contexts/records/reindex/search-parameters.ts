import { r4Registry, type SearchRegistry } from '../../../standards/fhir/search/registry.ts';
import type { TenantDefinitions } from '../definition/definitions.ts';
import type { Store } from '../store.ts';
import { noteParameters, type Reindex, reindexesOf, whatOf } from './progress.ts';
import { type StoredIndex, storedIndex } from './stored-index.ts';

/** What a tenant can be searched by, as it is at one moment. */
export type TenantSearch = {
  readonly registry: SearchRegistry;
  readonly byUrl: StoredIndex['byUrl'];
  /** Stored parameters (`type.param`) whose rows are not all there yet, and records done. */
  readonly partial: ReadonlyMap<string, number>;
  /** Every record has all rows this edition of the program writes. */
  readonly whole: boolean;
};

export type SearchParameters = {
  /** Never older than a second. */
  of(tenant: number): Promise<TenantSearch>;
  /** As `of` last told: inside a transaction, where another connection may not be free. */
  known(tenant: number): TenantSearch;
  /** Reindexing has moved: the next `of` looks. */
  moved(tenant: number): void;
};

/** Milliseconds another process's change may go unseen. */
const UNSEEN_MS = 1_000;
/** Tenants remembered: beyond, the one asked for the longest ago is read anew. */
const MOST_TENANTS = 10_000;

const plain: TenantSearch = {
  ...{ registry: r4Registry, byUrl: new Map(), partial: new Map(), whole: true },
};

type Known = {
  source: TenantDefinitions;
  index: StoredIndex | undefined;
  search: TenantSearch;
  checkedAt: number;
};

type Parts = Pick<Store, 'database' | 'phi' | 'log' | 'definitions'> & {
  /** There is something to reindex. */
  readonly wake: (tenant: number) => void;
};

export function openSearchParameters(parts: Parts): SearchParameters {
  const { definitions, log } = parts;
  const tenants = new Map<number, Known>();

  async function read(tenant: number, source: TenantDefinitions): Promise<Known> {
    const before = tenants.get(tenant);
    const index = before?.source === source ? before.index : await indexOf(tenant);
    const search = await searchOf(parts, tenant, index);
    if (!search.whole || search.partial.size > 0) parts.wake(tenant);
    return { source, index, search, checkedAt: performance.now() };
  }

  async function indexOf(tenant: number): Promise<StoredIndex | undefined> {
    const stored = await definitions.searchParameters(tenant);
    if (stored.length === 0) return undefined;
    const failed = () => log.warn({ tenant }, 'a search parameter fails on a record');
    const index = storedIndex(stored, failed);
    for (const { reasons } of index.refused) {
      log.warn({ tenant, reasons }, 'a stored SearchParameter is not used');
    }
    return index;
  }

  return {
    async of(tenant) {
      const source = await definitions.of(tenant);
      const known = tenants.get(tenant);
      if (known !== undefined && known.source === source) {
        const settled = known.search.whole && known.index === undefined;
        if (settled || performance.now() - known.checkedAt <= UNSEEN_MS) return known.search;
      }
      const now = await read(tenant, source);
      tenants.delete(tenant);
      tenants.set(tenant, now);
      const [oldest] = tenants.keys();
      if (tenants.size > MOST_TENANTS && oldest !== undefined) tenants.delete(oldest);
      return now.search;
    },
    known: (tenant) => tenants.get(tenant)?.search ?? plain,
    moved(tenant) {
      const known = tenants.get(tenant);
      if (known !== undefined) known.checkedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

async function searchOf(
  { database, phi }: Parts,
  tenant: number,
  index: StoredIndex | undefined,
): Promise<TenantSearch> {
  const hash = await phi.hasher(tenant);
  const parameters = index?.parameters ?? [];
  const state = await database.transaction(tenant, async (tx) => {
    const found = await reindexesOf(tx);
    const same = isSame(
      found,
      parameters.map(({ type, param }) => whatOf(hash, type, param)),
    );
    if (same) return found;
    await noteParameters(tx, hash, parameters);
    return reindexesOf(tx);
  });
  const byWhat = new Map(state.map((one) => [`${one.type}.${one.what}`, one]));
  const partial = new Map<string, number>();
  for (const { type, param } of parameters) {
    const one = byWhat.get(`${type}.${whatOf(hash, type, param)}`);
    if (one?.ended !== true) partial.set(`${type}.${param}`, one?.done ?? 0);
  }
  const whole = state.every((one) => one.what !== 0n || one.ended);
  const { registry, byUrl } = index ?? plain;
  return { registry, byUrl, partial, whole };
}

function isSame(found: readonly Reindex[], whats: readonly bigint[]): boolean {
  const noted = new Set(found.filter(({ what }) => what !== 0n).map(({ what }) => what));
  return noted.size === new Set(whats).size && whats.every((what) => noted.has(what));
}
