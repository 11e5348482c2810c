import type { Stored } from '../stored.ts';

const comma = Buffer.from(',');

/** A searchset Bundle of an operation, joined from its entries' bytes. */
export function searchsetText(
  { url, total, next }: { url: string; total?: number; next?: string },
  entries: readonly Buffer[],
): Buffer {
  const pieces = entries.flatMap((one, index) => (index === 0 ? [one] : [comma, one]));
  // R4 json.html#arrays: an array is never empty.
  if (entries.length === 0) return Buffer.from(`${searchsetHead({ url, total, next })}}`);
  const head = `${searchsetHead({ url, total, next })},"entry":[`;
  return Buffer.concat([Buffer.from(head), ...pieces, Buffer.from(']}')]);
}

/** The Bundle up to its entries, without the closing brace. */
export function searchsetHead({
  url,
  total,
  next,
}: {
  url: string;
  total: number | undefined;
  next: string | undefined;
}): string {
  const link = [{ relation: 'self', url }];
  if (next !== undefined) link.push({ relation: 'next', url: `${url}?_cursor=${next}` });
  const counted = total === undefined ? {} : { total };
  const bundle = { resourceType: 'Bundle', type: 'searchset', ...counted, link };
  return JSON.stringify(bundle).slice(0, -1);
}

/** `search`: its members beside the mode. */
export function recordEntry(
  baseUrl: string,
  { stored, json }: { stored: Pick<Stored, 'type' | 'id'>; json: Buffer },
  search: { mode: 'match' | 'include' } & Record<string, unknown>,
): Buffer {
  const { type, id } = stored;
  return Buffer.concat([
    Buffer.from(`{"fullUrl":"${baseUrl}/${type}/${id}","resource":`),
    json,
    Buffer.from(`,"search":${JSON.stringify(search)}}`),
  ]);
}

/** What was left out or cut short, as an entry of its own; none for nothing. */
export function toldEntry(told: readonly string[]): Buffer[] {
  if (told.length === 0) return [];
  const issue = told.map((text) => ({
    ...{ severity: 'warning', code: 'informational', diagnostics: text, details: { text } },
  }));
  const resource = { resourceType: 'OperationOutcome', issue };
  return [Buffer.from(JSON.stringify({ resource, search: { mode: 'outcome' } }))];
}
