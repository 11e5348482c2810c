import { kinds, Problem } from '../problem.ts';
import type { Route } from './route.ts';

type Place = { readonly pattern: RegExp; readonly words: number; readonly methods: string[] };

/**
 * What to say of a request that no route takes: 405 with Allow where its path has other methods
 * (RFC 9110 section 15.5.6), else 404.
 */
export function openOtherMethods(
  routes: readonly Pick<Route, 'path' | 'method' | 'dialect'>[],
): (url: string) => Problem {
  const places = placesOf(routes);
  return (url) => {
    const path = (url.split('?', 1)[0] ?? '').replace(/(?<=.)\/$/, '');
    const place = places.find(({ pattern }) => pattern.test(path));
    if (place === undefined) return new Problem(kinds.noRoute, 'No such path; /docs lists them.');
    const allow = place.methods.join(', ');
    return new Problem(kinds.methodNotAllowed, `This path takes ${allow}.`, { headers: { allow } });
  };
}

/** The path with the most words of its own first: `/fhir/metadata` before `/fhir/:type`. */
function placesOf(routes: Parameters<typeof openOtherMethods>[0]): Place[] {
  const places = new Map<string, Place>();
  for (const { path, method, dialect } of routes) {
    const place = places.get(path) ?? placeOf(path);
    places.set(path, place);
    place.methods.push(method);
    if (method === 'GET' && dialect === 'fhir') place.methods.push('HEAD');
  }
  return [...places.values()].sort((a, b) => b.words - a.words);
}

function placeOf(path: string): Place {
  const parts = path.split('/').slice(1);
  const patterns = parts.map((part) => (part.startsWith(':') ? '[^/]+' : literal(part)));
  const words = parts.filter((part) => !part.startsWith(':')).length;
  return { pattern: new RegExp(`^/${patterns.join('/')}$`), words, methods: [] };
}

function literal(part: string): string {
  return part.replace(/[$.*+?()[\]{}|^\\]/g, '\\$&');
}
