import { isJsonObject, type JsonObject } from '../json-object.ts';

/** The entries of a Bundle by what names them; made when the first reference asks. Linear. */
export class BundleIndex {
  readonly resource: JsonObject;
  #index: Index | undefined;

  constructor(resource: JsonObject) {
    this.resource = resource;
  }

  /** The resource of the entry with this fullUrl (R4 bundle.html#references). */
  byUrl(url: string): JsonObject | undefined {
    this.#index ??= indexed(this.resource);
    return this.#index.byUrl.get(url.replace(/[#|].*$/s, ''));
  }

  /** The only entry of this type and id: for Bundles whose fullUrls have no base of their own. */
  byTypeAndId(type: string, id: string): JsonObject | undefined {
    this.#index ??= indexed(this.resource);
    return this.#index.byId.get(`${type}/${id}`);
  }

  /**
   * The server of the entry that holds this resource: what stands before Type/id in its fullUrl.
   */
  baseOf(resource: JsonObject | undefined): string {
    this.#index ??= indexed(this.resource);
    const url = (resource && this.#index.urls.get(resource)) ?? '';
    return /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(url)?.[1] ?? '';
  }

  /** A transaction gives what its urn: references lead to their ids (R4 http.html#trules). */
  get mustResolve(): boolean {
    return this.resource['type'] === 'transaction';
  }
}

type Index = {
  byUrl: Map<string, JsonObject>;
  byId: Map<string, JsonObject | undefined>;
  urls: Map<JsonObject, string>;
};

function indexed({ entry }: JsonObject): Index {
  const index: Index = { byUrl: new Map(), byId: new Map(), urls: new Map() };
  for (const one of Array.isArray(entry) ? entry : []) {
    const { fullUrl, resource } = isJsonObject(one) ? one : {};
    if (!isJsonObject(resource)) continue;
    const { resourceType, id } = resource;
    const key = `${String(resourceType)}/${String(id)}`;
    index.byId.set(key, index.byId.has(key) ? undefined : resource);
    if (typeof fullUrl !== 'string') continue;
    if (!index.byUrl.has(fullUrl)) index.byUrl.set(fullUrl, resource);
    index.urls.set(resource, fullUrl.slice(0, 2000));
  }
  return index;
}
