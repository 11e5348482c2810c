/**
 * A reference as it is compared: type and id of a stored resource, or an absolute URL (type and id
 * '').
 */
export type ReferenceKey = { type: string; id: string; url?: string };

const relative =
  /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * Reads Reference.reference. `own` is the store's base address without a slash at its end: R4
 * search.html#reference makes an absolute reference under it the same as the relative one.
 * Undefined for a contained resource (`#x`).
 */
export function referenceKey(text: string, own?: string): ReferenceKey | undefined {
  const stored = own !== undefined && text.startsWith(`${own}/`);
  const found = relative.exec(stored ? text.slice(own.length + 1) : text);
  if (found) return { type: found[1] ?? '', id: found[2] ?? '' };
  if (text === '' || text.startsWith('#')) return undefined;
  return { type: '', id: '', url: text };
}

/** Whether a reference names this type, also inside an absolute URL. */
export function pointsTo(key: ReferenceKey, type: string): boolean {
  return key.url === undefined ? key.type === type : key.url.includes(`/${type}/`);
}
