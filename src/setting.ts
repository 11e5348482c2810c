/** One setting as a value: what reads it from the environment also documents it. */
export type Setting<T> = {
  readonly name: string;
  readonly meaning: string;
  /** As the documents show it; empty when unset means something of its own. */
  readonly fallback: string;
  /** Its text is never shown, not even in a mistake. */
  readonly secret: boolean;
  read(text: string | undefined): Read<T>;
};

export type Read<T> = { value: T } | { mistake: string };

export function text(name: string, fallback: string, meaning: string): Setting<string> {
  return {
    name,
    meaning,
    fallback,
    secret: false,
    read: (given) => ({ value: given ?? fallback }),
  };
}

/** A whole number with its bounds, so that a slip of the finger is told rather than obeyed. */
export function whole(
  name: string,
  fallback: number,
  [least, most]: readonly [number, number],
  meaning: string,
): Setting<number> {
  const bounded = `${meaning} From ${least} to ${most}.`;
  return { name, meaning: bounded, fallback: String(fallback), secret: false, read };
  function read(given: string | undefined): Read<number> {
    if (given === undefined) return { value: fallback };
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return { value };
    return { mistake: `is "${given}"; a whole number from ${least} to ${most} is needed.` };
  }
}

export function choice<const T extends string>(
  name: string,
  choices: readonly [T, ...T[]],
  meaning: string,
): Setting<T> {
  const [fallback] = choices;
  const listed = `${meaning} One of ${choices.join(', ')}.`;
  return { name, meaning: listed, fallback, secret: false, read };
  function read(given: string | undefined): Read<T> {
    const value = given === undefined ? fallback : choices.find((one) => one === given);
    if (value !== undefined) return { value };
    return { mistake: `is "${given}"; one of ${choices.join(', ')} is needed.` };
  }
}

/** Text that must not be shown. `fault` says what is wrong with it without quoting it. */
export function secret(
  name: string,
  meaning: string,
  fault: (given: string) => string | undefined,
): Setting<string | undefined> {
  return { name, meaning, fallback: '', secret: true, read };
  function read(given: string | undefined): Read<string | undefined> {
    const mistake = given === undefined ? undefined : fault(given);
    return mistake === undefined ? { value: given } : { mistake };
  }
}

/** Fault of a secret with fewer characters. */
export function atLeast(characters: number): (given: string) => string | undefined {
  return (given) =>
    given.length < characters ? `is too short; ${characters} characters are needed.` : undefined;
}
