import type { HistoryAsked, HistoryEntry, HistoryPage } from './history.ts';
import { methodName, type Stored } from './stored.ts';

/** FHIR R4 http.html#history: the Bundle of a history page, joined from the versions' bytes. */
export function historyBundle(asked: HistoryAsked, page: HistoryPage): Buffer {
  const { store } = asked;
  const total = page.total === undefined ? {} : { total: page.total };
  const head = { resourceType: 'Bundle', type: 'history', ...total, link: links(asked, page) };
  if (page.entries.length === 0) return Buffer.from(JSON.stringify(head));
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"entry":[`)];
  page.entries.forEach((entry, index) => {
    const { stored, json } = entry;
    const fullUrl = JSON.stringify(`${store.baseUrl}/${stored.type}/${stored.id}`);
    pieces.push(Buffer.from(`${index === 0 ? '' : ','}{"fullUrl":${fullUrl}`));
    if (json !== undefined) pieces.push(Buffer.from(',"resource":'), json);
    const tail = JSON.stringify({ request: requestOf(stored), response: responseOf(entry) });
    pieces.push(Buffer.from(`,${tail.slice(1)}`));
  });
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}

function links({ store, type, id, count, said }: HistoryAsked, { next }: HistoryPage) {
  const path = [store.baseUrl, type, id, '_history'].filter((part) => part !== undefined);
  const query = new URLSearchParams({ _count: String(count) });
  for (const [name, value] of said) query.append(name, value);
  const self = `${path.join('/')}?${query}`;
  const link = [{ relation: 'self', url: self }];
  if (next !== undefined) link.push({ relation: 'next', url: `${self}&_cursor=${next}` });
  return link;
}

/** How that version came to be. */
export function requestOf(stored: Stored): { method: string; url: string } {
  const method = methodName(stored.method);
  const url = method === 'POST' ? stored.type : `${stored.type}/${stored.id}`;
  return { method, url };
}

function responseOf({ stored, created }: HistoryEntry) {
  const done = created ? '201 Created' : '200 OK';
  return {
    status: stored.deleted ? '204 No Content' : done,
    etag: `W/"${stored.version}"`,
    lastModified: stored.updatedAt.toISOString(),
  };
}
