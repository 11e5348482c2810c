import type { JsonObject } from '../json-object.ts';
import { documentFaults } from './bundle-document.ts';
import { asObject, resourceType, type Tell } from './bundle-entry.ts';
import { searchsetFaults } from './bundle-search.ts';
import type { Walk } from './walk.ts';

const requested = new Set(['batch', 'transaction', 'history']);
const responded = new Set(['batch-response', 'transaction-response', 'history']);

/** The rules of a Bundle as a whole (R4 bundle.html, bdl-1 to bdl-12). Linear in its entries. */
export function bundle(walk: Walk, value: JsonObject, depth: number): void {
  const tell: Tell = (code, text, at) => {
    const place = walk.expression(depth);
    walk.tell('error', code, at === undefined ? place : `${place}.entry[${at}]`, text);
  };
  const { type, entry: list } = value;
  const entries = Array.isArray(list) ? Array.from(list, asObject) : [];
  if (value['total'] !== undefined && type !== 'searchset' && type !== 'history') {
    tell('invariant', 'Only a searchset or history has a total (bdl-1).');
  }
  for (const [at, entry] of entries.entries()) entryFaults(entry, { type, at, tell });
  if (type !== 'history') duplicates(entries, tell);
  links(value, tell);
  if (type === 'searchset') searchsetFaults(value, entries, tell);
  if (type === 'document') documentFaults(value, entries, tell);
  if (type === 'message' && resourceType(entries[0]) !== 'MessageHeader') {
    tell('invariant', 'The first resource of a message is its MessageHeader (bdl-12).');
  }
}

type At = { type: unknown; at: number; tell: Tell };

function entryFaults(entry: JsonObject, { type, at, tell }: At): void {
  const { fullUrl, search, request, response, resource } = entry;
  if (search !== undefined && type !== 'searchset') {
    tell('invariant', 'Only an entry of a searchset has search (bdl-2).', at);
  }
  const kind = String(type);
  if ((request !== undefined) !== requested.has(kind)) {
    const text = 'Entries of a batch, transaction or history have a request, others none (bdl-3).';
    tell('invariant', text, at);
  }
  if ((response !== undefined) !== responded.has(kind)) {
    const text = 'Entries of a response or history have a response, others none (bdl-4).';
    tell('invariant', text, at);
  }
  if (typeof fullUrl === 'string') fullUrlFaults(fullUrl, asObject(resource), { type, at, tell });
}

function fullUrlFaults(url: string, resource: JsonObject, { at, tell }: At): void {
  if (url.includes('/_history/')) {
    tell('invariant', 'A fullUrl names no version (bdl-8).', at);
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\S/.test(url)) {
    tell('invalid', 'A fullUrl is an absolute URL.', at);
    return;
  }
  const { resourceType: type, id } = resource;
  const [, named, tail] = /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(url.slice(-200)) ?? [];
  if (!url.startsWith('http') || named !== type || typeof id !== 'string') return;
  if (tail !== id)
    tell('invalid', 'The id of the resource is not the one its fullUrl ends in.', at);
}

/** bdl-7: fullUrl and version together are unique. */
function duplicates(entries: readonly JsonObject[], tell: Tell): void {
  const seen = new Set<string>();
  for (const [at, { fullUrl, resource }] of entries.entries()) {
    if (typeof fullUrl !== 'string') continue;
    const { versionId } = asObject(asObject(resource)['meta']);
    const key = `${fullUrl}|${typeof versionId === 'string' ? versionId : ''}`;
    if (seen.has(key)) tell('invariant', 'The fullUrl stands in the Bundle already (bdl-7).', at);
    seen.add(key);
  }
}

/** RFC 8288 relations that name one page each. */
const paging = new Set(['first', 'last', 'next', 'previous', 'prev']);

function links({ link, type }: JsonObject, tell: Tell): void {
  const seen = new Set<string>();
  for (const one of Array.isArray(link) ? link : []) {
    const { relation } = asObject(one);
    if (typeof relation !== 'string') continue;
    const once = relation === 'self' || paging.has(relation);
    if (once && seen.has(relation)) tell('invalid', `Bundle.link: only one link is ${relation}.`);
    if (type === 'document' && paging.has(relation)) {
      tell('invalid', `Bundle.link: ${relation} is for the pages of a search.`);
    }
    seen.add(relation);
  }
}
