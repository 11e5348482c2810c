import { fhirRoute, type Route } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { guarded } from './allow.ts';
import { requireId, requireType } from './body.ts';
import { fhirReplies, one, requireJsonFace } from './fhir-call.ts';
import { isLoggedType } from './logged/logged-record.ts';
import { searchLogged } from './logged/search-logged.ts';
import { preferenceFrom } from './prefer.ts';
import { recordKinds } from './problems.ts';
import { answerSearch, type Pairs } from './search/answer.ts';
import type { Store } from './store.ts';

const tag = 'FHIR search';

/** search by GET and POST of a type, of all, of a compartment. */
export function searchRoutes(store: Store): Route[] {
  return [
    ...searchPaths.flatMap(({ path, summary }) => [
      fhirRoute(spec('GET', path, summary), (call) => search(call, call.pairs)),
      fhirRoute(spec('POST', `${path}/_search`, `${summary}, parameters in the body`), (call) =>
        search(call, [...call.pairs, ...formPairs(one(call.headers['content-type']), call.body)]),
      ),
    ]),
    // FHIR R4 http.html#vsearch: a compartment's search by POST names no type.
    fhirRoute(
      spec('POST', '/fhir/:type/:id/_search', 'Search a compartment, parameters in the body'),
      (call) =>
        search(call, [...call.pairs, ...formPairs(one(call.headers['content-type']), call.body)]),
    ),
  ];

  async function search(call: FhirCall, pairs: Pairs) {
    requireJsonFace(call.headers, pairs);
    const { lenient } = preferenceFrom(call.headers['prefer']);
    const { caller } = call;
    const asked = { store, caller, ...placeOf(call.params), pairs, lenient };
    const { type } = asked;
    const logged = isLoggedType(type) && !('within' in asked);
    return {
      status: 200,
      body: await guarded(store, caller, () =>
        logged ? searchLogged({ ...asked, type }) : answerSearch(asked),
      ),
    };
  }
}

const searchPaths = [
  { path: '/fhir', summary: 'Search records of all types' },
  { path: '/fhir/:type', summary: 'Search records of a type' },
  { path: '/fhir/:type/:id/:member', summary: 'Search a compartment: one type, or * for all' },
];

/** What is searched: a type, all (undefined), or either of them within a compartment. */
function placeOf({ type, id, member }: Record<string, string | undefined>) {
  if (type === undefined) return { type };
  if (id === undefined) return { type: requireType(type) };
  const within = { type: requireType(type), id: requireId(id) };
  const all = member === undefined || member === '*';
  return { within, type: all ? undefined : requireType(member) };
}

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

function spec(method: 'GET' | 'POST', path: string, summary: string) {
  return { method, path, summary, tag, replies: fhirReplies };
}

/** Bytes: what is read of names and values together, however much of it is escaped, five times. */
const LARGEST_FORM = 1024 * 1024;
const MOST_PAIRS = 1000;
const ampersand = 0x26;

function formPairs(type: string | undefined, body: Buffer | undefined): Pairs {
  if (body === undefined || body.length === 0) return [];
  if (type?.startsWith('application/x-www-form-urlencoded') !== true) {
    return refuse(kinds.mediaType, 'Send _search as application/x-www-form-urlencoded.');
  }
  if (body.length > LARGEST_FORM) {
    return refuse(kinds.tooLarge, 'The parameters of a search may have 1 MiB.');
  }
  // As many as are refused as too many: each costs the parser more than its bytes.
  let pairs = 0;
  for (const byte of body) if (byte === ampersand) pairs += 1;
  if (pairs > MOST_PAIRS) {
    return refuse(recordKinds.searchRefused, 'A search has too many parameters.');
  }
  return [...new URLSearchParams(body.toString('utf8'))];
}
