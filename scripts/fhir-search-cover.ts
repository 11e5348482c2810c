/**
 * Fewest index rows: a parameter whose values are already indexed under other parameters of the
 * same type looks there instead of writing rows of its own.
 */
import type { Leaf } from './fhir-search-path.ts';

export type Compiled = {
  code: string;
  kind: string;
  leaves: Leaf[];
  /** Row-bearing parameters to look under. */
  covers: string[];
  /** The leaves it writes rows for itself. */
  own: Leaf[];
  target?: string;
};

export const place = (leaf: Leaf): string => `${leaf.path.join(' ')}:${leaf.type}`;
const filtered = (one: Compiled): boolean => one.leaves.some((leaf) => leaf.only !== undefined);

/**
 * Fills `covers`, `own` and `target`; smaller parameters first, so that the larger can stand on
 * them.
 */
export function coverAll(parameters: Compiled[]): void {
  const done: Compiled[] = [];
  const order = [...parameters].sort(
    (a, b) =>
      Number(filtered(a)) - Number(filtered(b)) ||
      a.leaves.length - b.leaves.length ||
      (a.code < b.code ? -1 : 1),
  );
  for (const one of order) {
    cover(one, done);
    done.push(one);
  }
}

function cover(one: Compiled, done: Compiled[]): void {
  const open = new Map(one.leaves.map((leaf) => [place(leaf), leaf]));
  const all = new Set(open.keys());
  const candidates = done
    .filter((other) => other.kind === one.kind && other.leaves.length > 0 && !filtered(other))
    .filter((other) => other.leaves.every((leaf) => all.has(place(leaf))))
    .sort((a, b) => b.leaves.length - a.leaves.length);
  const covers = new Set<string>();
  for (const other of candidates) {
    if (!other.leaves.some((leaf) => open.has(place(leaf)))) continue;
    for (const leaf of other.leaves) open.delete(place(leaf));
    for (const code of other.covers) covers.add(code);
  }
  if (open.size > 0) covers.add(one.code);
  one.own = [...open.values()];
  one.covers = [...covers].sort();
  const targets = new Set(one.leaves.map((leaf) => leaf.only));
  const [target] = targets;
  if (targets.size === 1 && target !== undefined) one.target = target;
}

/**
 * Splits telecom into telecom[system=phone], telecom[system=email] and the rest where another
 * parameter asks for the phones or the e-mails only, so that no value is indexed twice.
 */
export function splitFiltered(parameters: Compiled[]): void {
  const filters = new Map<string, { element: string; is: Map<string, Leaf> }>();
  for (const leaf of parameters.flatMap((one) => one.leaves)) {
    const last = leaf.path.at(-1) ?? '';
    const [, name, element, is] = /^([A-Za-z]+)\[([A-Za-z]+)=([^\]]+)\]$/.exec(last) ?? [];
    if (!name || !element || !is || element === 'extension') continue;
    const plain = place({ ...leaf, path: leaf.path.with(-1, name) });
    const known = filters.get(plain) ?? { element, is: new Map<string, Leaf>() };
    known.is.set(is, leaf);
    filters.set(plain, known);
  }
  for (const one of parameters) {
    one.leaves = one.leaves.flatMap((leaf) => {
      const filter = filters.get(place(leaf));
      if (!filter) return [leaf];
      const rest = `${leaf.path.at(-1)}[${filter.element}!=${[...filter.is.keys()].sort()}]`;
      return [...filter.is.values(), { ...leaf, path: leaf.path.with(-1, rest) }];
    });
  }
}
