/** What definitions are found by; a StructureDefinition and a ValueSet may share a url. */
export type Canonical = {
  readonly type: string;
  readonly url: string;
  readonly version: string | undefined;
};

/** Things by type and canonical url, of several versions each (R4 references.html#canonical). */
export class CanonicalIndex<T> {
  readonly #byUrl = new Map<string, { version: string; thing: T }[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** One of the same type, url and version is replaced. */
  add({ type, url, version = '' }: Canonical, thing: T): void {
    const key = `${type} ${url}`;
    const all = this.#byUrl.get(key) ?? [];
    const at = all.findIndex((one) => one.version === version);
    if (at >= 0) all[at] = { version, thing };
    else {
      all.push({ version, thing });
      all.sort((a, b) => compareVersions(b.version, a.version));
      this.#size += 1;
    }
    this.#byUrl.set(key, all);
  }

  /** `canonical`: url, of which the newest is meant, or url|version. */
  find(type: string, canonical: string): T | undefined {
    const bar = canonical.indexOf('|');
    const all = this.#byUrl.get(`${type} ${bar < 0 ? canonical : canonical.slice(0, bar)}`);
    if (bar < 0 || all === undefined) return all?.[0]?.thing;
    const version = canonical.slice(bar + 1);
    return all.find((one) => one.version === version)?.thing;
  }

  /** The newest of each url of a type. */
  *newest(type: string): Generator<T> {
    for (const [key, [first]] of this.#byUrl) {
      if (first !== undefined && key.startsWith(`${type} `)) yield first.thing;
    }
  }
}

/**
 * Below zero when `a` is the older. Numbers count as numbers and 1.0.0-ballot comes before 1.0.0
 * (semver.org section 11); dates and other texts in the order of their parts.
 */
export function compareVersions(a: string, b: string): number {
  const [mainA, preA] = parted(a);
  const [mainB, preB] = parted(b);
  const main = compareParts(mainA, mainB);
  if (main !== 0 || preA === preB) return main;
  if (preA === undefined) return 1;
  if (preB === undefined) return -1;
  return compareParts(preA, preB);
}

/** A date's hyphens part no pre-release: 2024-01-31. */
function parted(version: string): [main: string, pre: string | undefined] {
  const hyphen = /^\d{4}-\d\d/.test(version) ? -1 : version.indexOf('-');
  return hyphen < 0 ? [version, undefined] : [version.slice(0, hyphen), version.slice(hyphen + 1)];
}

function compareParts(a: string, b: string): number {
  const as = a.split(/[.-]/);
  const bs = b.split(/[.-]/);
  for (let i = 0; i < Math.max(as.length, bs.length); i += 1) {
    const one = as[i] ?? '';
    const other = bs[i] ?? '';
    const numbers = /^\d+$/.test(one) && /^\d+$/.test(other);
    if (numbers && Number(one) !== Number(other)) return Number(one) - Number(other);
    if (!numbers && one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
