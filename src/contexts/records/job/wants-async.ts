/** FHIR R4 async.html: the client does not wait for the answer. */
export function wantsAsync(prefer: string | string[] | undefined): boolean {
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '');
  return /(^|[,;\s])respond-async\b/i.test(text);
}
