import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { refuse } from '../../../platform/problem.ts';
import { guarded } from '../allow.ts';
import { requireStructure, resourceFrom } from '../body.ts';
import { recordEntry, searchsetText, toldEntry } from '../everything/searchset-text.ts';
import { fhirReplies, requireJsonBody, requireJsonFace } from '../fhir-call.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type Matched, type MatchResult, matchPatients } from './match.ts';

const tag = 'FHIR operations';
/** Matches returned unless asked otherwise, and at most. */
const COUNT = 10;
const MOST = 100;

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

/** R4 patient-operation-match.html. */
export function matchRoutes(store: Store): Route[] {
  const path = '/fhir/Patient/$match';
  const summary = 'Find who a patient may be, each with a score';
  return [
    fhirRoute({ method: 'POST', path, summary, tag, replies: fhirReplies }, (call) =>
      guarded(store, call.caller, () => answer(call)),
    ),
  ];

  async function answer(call: FhirCall): Promise<Reply> {
    requireJsonFace(call.headers, call.pairs);
    requireJsonBody(call.headers);
    const input = inputFrom(resourceFrom(call.body));
    const result = await matchPatients({ store, caller: call.caller, ...input });
    return { status: 200, body: searchset(store.baseUrl, result) };
  }
}

type Parameter = { name?: unknown; resource?: Resource } & Record<string, unknown>;

function inputFrom(body: Resource) {
  if (body.resourceType !== 'Parameters') wrong('The body is a Parameters resource.');
  const given = (body['parameter'] ?? []) as Parameter[];
  let patient: Resource | undefined;
  let onlyCertain = false;
  let count = COUNT;
  for (const parameter of given) {
    switch (parameter.name) {
      case 'resource':
        patient = parameter.resource;
        break;
      case 'onlyCertainMatches':
        if (typeof parameter['valueBoolean'] !== 'boolean')
          wrong('onlyCertainMatches is a boolean.');
        onlyCertain = parameter['valueBoolean'] === true;
        break;
      case 'count':
        count = counted(parameter['valueInteger'] ?? parameter['valuePositiveInt']);
        break;
      default:
        wrong('$match takes resource, onlyCertainMatches and count.');
    }
  }
  if (patient?.resourceType !== 'Patient') return wrong('The parameter resource is a Patient.');
  requireStructure(patient);
  return { patient, onlyCertain, count };
}

function counted(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    return wrong('count is a number from 1.');
  }
  return Math.min(value, MOST);
}

function wrong(text: string): never {
  return refuse(recordKinds.badRequest, text);
}

const MATCH_GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade';

function searchset(baseUrl: string, { matched, told }: MatchResult): Buffer {
  const url = `${baseUrl}/Patient/$match`;
  const entries = matched.map((one) => entry(baseUrl, one));
  return searchsetText({ url, total: matched.length }, [...entries, ...toldEntry(told)]);
}

function entry(baseUrl: string, { shown, match }: Matched): Buffer {
  const extension = [{ url: MATCH_GRADE, valueCode: match.grade }];
  // Four digits: what is behind them is no knowledge.
  const score = Math.round(match.score * 10_000) / 10_000;
  return recordEntry(baseUrl, shown, { extension, mode: 'match', score });
}
