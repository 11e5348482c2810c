/** What the client prefers (RFC 7240, FHIR R4 http.html#ops), of what we act on. */
export type Preference = {
  readonly return: 'minimal' | 'representation' | 'OperationOutcome' | undefined;
  readonly lenient: boolean;
  /** Do everything, tell what would be, and take it back. */
  readonly validateOnly: boolean;
};

/**
 * Tokens and parameters we do not know are ignored; of one that stands twice the first counts (RFC
 * 7240 section 2).
 */
export function preferenceFrom(header: string | string[] | undefined): Preference {
  if (header === undefined) return noPreference;
  const text = Array.isArray(header) ? header.join(',') : header;
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of text.matchAll(preference)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted ?? bare);
  }
  const wanted = found.get('return');
  return {
    return: returns.find((one) => one === wanted),
    lenient: found.get('handling') === 'lenient',
    validateOnly: found.has('validate-only'),
  };
}

const returns = ['minimal', 'representation', 'OperationOutcome'] as const;
export const noPreference: Preference = { return: undefined, lenient: false, validateOnly: false };

/** One preference: a name, its value, and parameters after semicolons, which none of ours has. */
const preference =
  /(?:^|,)\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?[^,]*/g;
