/** What of a Patient tells one person from another, folded so that ways of writing do not count. */
export type Person = {
  /** As written: identifiers are compared exactly. */
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
  readonly families: readonly string[];
  readonly givens: readonly string[];
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly birthDate: string | undefined;
  readonly gender: string | undefined;
  readonly postalCodes: readonly string[];
  readonly streets: readonly string[];
  readonly cities: readonly string[];
  /** Last nine digits. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
};

type Json = Readonly<Record<string, unknown>>;

/** Values of one element that count; a record with more is no person's. */
const MOST = 20;
/** Letters of one value. */
const LONGEST = 64;

/** Reads a FHIR R4 Patient; what is not as R4 says is passed over. */
export function personOf(patient: Json): Person {
  const names = objects(patient['name']);
  const addresses = objects(patient['address']);
  const telecoms = objects(patient['telecom']);
  const identifiers = objects(patient['identifier']).flatMap(({ system, value }) =>
    typeof value === 'string' && typeof system === 'string'
      ? [{ system, value: value.trim() }]
      : [],
  );
  const telecom = (kinds: readonly string[]) =>
    telecoms.filter((one) => kinds.includes(String(one['system']))).map((one) => one['value']);
  const phones = texts(telecom(['phone', 'sms', 'fax'])).map((one) => one.replace(/\D/g, ''));
  return {
    identifiers,
    families: folded(names.map((one) => one['family'])),
    givens: folded(names.flatMap((one) => list(one['given']))),
    birthDate: typeof patient['birthDate'] === 'string' ? patient['birthDate'] : undefined,
    gender: typeof patient['gender'] === 'string' ? patient['gender'] : undefined,
    postalCodes: folded(addresses.map((one) => one['postalCode'])),
    streets: folded(addresses.flatMap((one) => list(one['line']))),
    cities: folded(addresses.map((one) => one['city'])),
    phones: phones.map((one) => one.slice(-9)).filter((one) => one.length >= 6),
    emails: texts(telecom(['email'])).map((one) => one.trim().toLowerCase()),
  };
}

/** Without case, accents and anything but letters and digits. */
export function fold(text: string): string {
  const plain = text.slice(0, LONGEST).normalize('NFKD').toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]/gu, '');
}

function folded(values: readonly unknown[]): string[] {
  return [...new Set(texts(values).map(fold))].filter((one) => one !== '');
}

function texts(values: readonly unknown[]): string[] {
  return values.filter((one) => typeof one === 'string').slice(0, MOST);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objects(value: unknown): Json[] {
  const some = list(value).filter((one) => typeof one === 'object' && one !== null);
  return some.slice(0, MOST) as Json[];
}
