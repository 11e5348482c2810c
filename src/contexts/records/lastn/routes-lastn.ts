import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { guarded } from '../allow.ts';
import { operationPairs } from '../bulk/parameter.ts';
import { recordEntry, searchsetText, toldEntry } from '../everything/searchset-text.ts';
import { fhirReplies, requireJsonFace } from '../fhir-call.ts';
import type { Store } from '../store.ts';
import { type Lastn, lastnInput, lastObservations, MOST_OPENED } from './lastn.ts';

const tag = 'FHIR operations';

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

/** R4 observation-operation-lastn.html. */
export function lastnRoutes(store: Store): Route[] {
  const path = '/fhir/Observation/$lastn';
  const summary = 'The last observations of each code';
  return (['GET', 'POST'] as const).map((method) =>
    fhirRoute({ method, path, summary, tag, replies: fhirReplies }, (call) =>
      guarded(store, call.caller, () => answer(call)),
    ),
  );

  async function answer(call: FhirCall): Promise<Reply> {
    const pairs = operationPairs(call);
    requireJsonFace(call.headers, pairs);
    const { caller } = call;
    const result = await lastObservations({ store, caller, ...lastnInput(pairs) });
    return { status: 200, body: searchset(store.baseUrl, result) };
  }
}

/** The link says no value: a patient's id in an answer that is kept is theirs to keep. */
function searchset(baseUrl: string, { shown, cut }: Lastn): Buffer {
  const url = `${baseUrl}/Observation/$lastn`;
  const entries = shown.map((one) => recordEntry(baseUrl, one, { mode: 'match' }));
  const told = cut ? [cutText] : [];
  return searchsetText({ url, total: shown.length }, [...entries, ...toldEntry(told)]);
}

const cutText =
  `The newest ${MOST_OPENED} observations were looked at; older codes may be missing. ` +
  'Narrow it by code, category or date.';
