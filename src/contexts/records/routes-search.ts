import { fhirRoute, type Route } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { dateRange } from '../../standards/fhir/search/date-range.ts';
import { guarded } from './allow.ts';
import { requireId, requireType } from './body.ts';
import { fhirReplies, one, requireJsonFace } from './fhir-call.ts';
import { historyOf } from './history.ts';
import { historyBundle } from './history-bundle.ts';
import { preferenceFrom } from './prefer.ts';
import { answerSearch, type Pairs } from './search/answer.ts';
import type { Store } from './store.ts';

const tag = 'FHIR search and history';
const PAGE = 50;
const MOST = 1000;

/** search by GET and POST, history of a record and of a type. */
export function searchRoutes(store: Store): Route[] {
  return [
    fhirRoute(spec('GET', '/fhir/:type', 'Search records of a type'), async (call) => {
      return search(call, call.pairs);
    }),
    fhirRoute(
      spec('POST', '/fhir/:type/_search', 'Search with parameters in the body'),
      async (call) => {
        const form = formPairs(one(call.headers['content-type']), call.body);
        return search(call, [...call.pairs, ...form]);
      },
    ),
    fhirRoute(spec('GET', '/fhir/:type/_history', 'History of a type'), (call) => history(call)),
    fhirRoute(spec('GET', '/fhir/:type/:id/_history', 'History of a record'), (call) =>
      history(call),
    ),
  ];

  async function search(call: FhirCall, pairs: Pairs) {
    requireJsonFace(call.headers, pairs);
    const type = requireType(call.params['type'] ?? '');
    const { lenient } = preferenceFrom(call.headers['prefer']);
    const { caller } = call;
    const asked = { store, caller, type, pairs, lenient };
    return { status: 200, body: await guarded(store, caller, () => answerSearch(asked)) };
  }

  async function history(call: FhirCall) {
    requireJsonFace(call.headers, call.pairs);
    const { caller } = call;
    const type = requireType(call.params['type'] ?? '');
    const id = call.params['id'];
    const asked = {
      ...{ store, caller, type, ...historyParameters(call.pairs) },
      ...(id === undefined ? {} : { id: requireId(id) }),
    };
    const page = await guarded(store, caller, () => historyOf(asked));
    return { status: 200, body: historyBundle(asked, page) };
  }
}

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

function spec(method: 'GET' | 'POST', path: string, summary: string) {
  return { method, path, summary, tag, replies: fhirReplies };
}

function formPairs(type: string | undefined, body: Buffer | undefined): Pairs {
  if (body === undefined || body.length === 0) return [];
  if (type?.startsWith('application/x-www-form-urlencoded') !== true) {
    return refuse(kinds.mediaType, 'Send _search as application/x-www-form-urlencoded.');
  }
  return [...new URLSearchParams(body.toString('utf8'))];
}

/** FHIR R4 http.html#history: _count, _since; our own _cursor. */
function historyParameters(pairs: Pairs) {
  const found: { count: number; since?: Date; cursor?: string } = { count: PAGE };
  for (const [name, value] of pairs) {
    if (name === '_count' && /^\d{1,6}$/.test(value)) {
      found.count = Math.max(1, Math.min(Number(value), MOST));
    } else if (name === '_since' && dateRange(value) !== undefined) {
      found.since = new Date(dateRange(value)?.low ?? 0);
    } else if (name === '_cursor') {
      found.cursor = value;
    } else if (name !== '_format' && name !== '_pretty') {
      refuse(kinds.badRequest, 'History takes _count (a number), _since (an instant), _cursor.');
    }
  }
  return found;
}
