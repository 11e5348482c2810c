type Coding = { system?: unknown; code?: unknown };
type Concept = { coding?: unknown; text?: unknown };

/**
 * Which observations are of one code: those that share a coding (R4
 * observation-operation-lastn.html: codes are equivalent when a coding is), else the same text.
 * Groups grow together when one observation has codings of both.
 */
export class CodeGroups<T> {
  readonly #byKey = new Map<string, Group<T>>();

  /** Members come in order; returns those of the same code so far, to which it was not added. */
  of(code: unknown): Group<T> {
    const keys = keysOf(code);
    const known = [...new Set(keys.flatMap((key) => this.#byKey.get(key) ?? []))];
    const [first = { members: [] }, ...others] = known;
    for (const other of others) {
      first.members.push(...other.members);
      for (const [key, group] of this.#byKey) if (group === other) this.#byKey.set(key, first);
    }
    for (const key of keys) this.#byKey.set(key, first);
    return first;
  }

  /** In the order in which their first members came. */
  all(): T[][] {
    return [...new Set(this.#byKey.values())].map(({ members }) => members);
  }
}

export type Group<T> = { readonly members: T[] };

function keysOf(code: unknown): string[] {
  const { coding, text } = Object(code) as Concept;
  const codings = (Array.isArray(coding) ? coding : []) as Coding[];
  const keys = codings
    .filter((one) => typeof one?.code === 'string')
    .map((one) => `${typeof one.system === 'string' ? one.system : ''}|${String(one.code)}`);
  if (keys.length > 0) return keys;
  return [typeof text === 'string' ? `text ${text.trim().toLowerCase()}` : 'none'];
}
