import { resourceTypes } from '../definitions.ts';
import type { JsonObject } from '../json-object.ts';
import { asObject, resourceType, type Tell } from './bundle-entry.ts';

/** The entries of a searchset (R4 bundle.html#searchset, search.html#entries). */
export function searchsetFaults(
  bundle: JsonObject,
  entries: readonly JsonObject[],
  tell: Tell,
): void {
  const expected = searchedTypes(bundle);
  for (const [at, entry] of entries.entries()) {
    const { mode } = asObject(entry['search']);
    const type = resourceType(entry);
    if (typeof type !== 'string') continue;
    if (mode === 'outcome') {
      if (type !== 'OperationOutcome') {
        tell('invalid', 'An entry with search.mode outcome is an OperationOutcome.', at);
      }
      continue;
    }
    const { id } = asObject(entry['resource']);
    if (id === undefined && type !== 'OperationOutcome') {
      tell('invalid', 'A search result has an id.', at);
    }
    if (mode === 'match' && expected !== undefined && !expected.has(type)) {
      tell('invalid', `A match is of a type searched for: ${[...expected].join(', ')}.`, at);
    }
  }
}

/** The types that the self link searched; undefined: it does not tell. */
function searchedTypes({ link }: JsonObject): ReadonlySet<string> | undefined {
  const self = (Array.isArray(link) ? link : []).find(
    (one) => asObject(one)['relation'] === 'self',
  );
  const { url } = asObject(self);
  if (typeof url !== 'string') return undefined;
  const [path = '', query = ''] = url.slice(0, 10_000).split('?', 2);
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (resourceTypes.has(last)) return new Set([last]);
  const types = new URLSearchParams(query).get('_type')?.split(',').filter(Boolean);
  return types?.every((one) => resourceTypes.has(one)) ? new Set(types) : undefined;
}
