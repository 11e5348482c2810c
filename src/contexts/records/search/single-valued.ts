import { typeSchema } from '../../../standards/fhir/definitions.ts';
import { searchParameters } from '../../../standards/fhir/search/parameter.ts';

const known = new Map<string, boolean>();

/**
 * Whether a record has at most one value under an index parameter: then two tests of it (from one
 * day on, up to another) are of the same row, and the parameter's own order is the records'.
 */
export function isSingleValued(type: string, param: string): boolean {
  const key = `${type}.${param}`;
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const paths = (searchParameters(type).get(param)?.plans ?? []).map(([path]) => path);
  const elements = new Set(paths.map((path) => onceElement(type, path)));
  const single = elements.size === 1 && !elements.has(undefined);
  known.set(key, single);
  return single;
}

/** The element of the type itself that a path names (effective), if it occurs once. */
function onceElement(type: string, path: string): string | undefined {
  if (path.includes('.') || path.includes('[')) return undefined;
  const element = typeSchema(type)?.elements.find(({ types }) =>
    types.some(({ json }) => json === path),
  );
  return element === undefined || element.repeats ? undefined : element.name;
}
