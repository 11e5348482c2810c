/** FHIR R4 http.html#ops: what the client prefers, of what we act on. */
export type Preference = {
  readonly return: 'minimal' | 'representation' | 'OperationOutcome' | undefined;
  readonly lenient: boolean;
};

export function preferenceFrom(header: string | string[] | undefined): Preference {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const wanted = /\breturn\s*=\s*"?(minimal|representation|OperationOutcome)\b/.exec(text)?.[1];
  const known = ['minimal', 'representation', 'OperationOutcome'] as const;
  return {
    return: known.find((one) => one === wanted),
    lenient: /\bhandling\s*=\s*"?lenient\b/.test(text),
  };
}
