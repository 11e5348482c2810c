const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:#.*)?$/;
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/;

/** What is wrong with a URI beyond its characters (R4 datatypes.html#uri); undefined: nothing. */
export function uriFault(text: string): string | undefined {
  if (text.startsWith('urn:uuid:') && !uuid.test(text)) {
    return 'expected a UUID in lower case: urn:uuid:c757873d-ec9a-4326-a141-556f43239520.';
  }
  if (text.startsWith('urn:oid:') && !oid.test(text)) return 'expected an OID: urn:oid:1.2.3.';
  return undefined;
}

/** Whether a URI is absolute (RFC 3986 section 4.3, with or without a fragment). */
export function isAbsoluteUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S/.test(text);
}
