import { type HistoryAsked, type HistoryPage, requestOf } from './history.ts';

/** FHIR R4 http.html#history: the Bundle of a history page, joined from the versions' bytes. */
export function historyBundle(asked: HistoryAsked, page: HistoryPage): Buffer {
  const { store, type, id } = asked;
  const url = `${store.baseUrl}/${type}${id === undefined ? '' : `/${id}`}/_history`;
  const since = asked.since === undefined ? '' : `&_since=${asked.since.toISOString()}`;
  const link = [{ relation: 'self', url: `${url}?_count=${asked.count}${since}` }];
  if (page.next !== undefined) {
    const next = `${url}?_count=${asked.count}${since}&_cursor=${page.next}`;
    link.push({ relation: 'next', url: next });
  }
  const total = page.total === undefined ? {} : { total: page.total };
  const head = { resourceType: 'Bundle', type: 'history', ...total, link };
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"entry":[`)];
  if (page.entries.length === 0) return Buffer.from(JSON.stringify(head));
  page.entries.forEach(({ stored, json }, index) => {
    const fullUrl = JSON.stringify(`${store.baseUrl}/${stored.type}/${stored.id}`);
    pieces.push(Buffer.from(`${index === 0 ? '' : ','}{"fullUrl":${fullUrl}`));
    if (json !== undefined) pieces.push(Buffer.from(',"resource":'), json);
    const request = requestOf(stored);
    const created = stored.version === 1 ? '201 Created' : '200 OK';
    const response = {
      status: stored.deleted ? '204 No Content' : created,
      etag: `W/"${stored.version}"`,
      lastModified: stored.updatedAt.toISOString(),
    };
    const tail = JSON.stringify({ request, response }).slice(1);
    pieces.push(Buffer.from(`,${tail}`));
  });
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}
