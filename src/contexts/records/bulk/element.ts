import { shaped } from '../search/shape.ts';

/** As `_elements` of a search (R4 search.html#elements), for one record. */
export function elementsOf(type: string, elements: readonly string[], json: Buffer): Buffer {
  return shaped({ summary: 'false', elements: [...elements] }, { stored: { type }, json });
}
