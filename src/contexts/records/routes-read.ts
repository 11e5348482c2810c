import { fhirRoute, type Reply, type Route } from '../../platform/http/route.ts';
import { refuse } from '../../platform/problem.ts';
import { guarded } from './allow.ts';
import { asksContent, contentReply } from './binary.ts';
import { requireId, requireType } from './body.ts';
import { type FhirCall, fhirReplies, requireJsonFace } from './fhir-call.ts';
import { isLoggedType, type LoggedType } from './logged/logged-record.ts';
import { isLoggedId, readLogged } from './logged/read-logged.ts';
import { recordKinds } from './problems.ts';
import { readAsOf, readRecord, readVersion } from './read.ts';
import { readReply, shapeFrom } from './read-reply.ts';
import type { Store } from './store.ts';
import { asOfFrom } from './version-as-of.ts';
import { versionNumber } from './version-tag.ts';

const tag = 'FHIR records';

/** read and vread; HEAD is answered by the same (RFC 9110 section 9.3.2). */
export function readRoutes(store: Store): Route[] {
  const read = 'Read the current version of a record';
  const vread = 'Read one version of a record';
  return [
    fhirRoute(spec('/fhir/:type/:id', read), async (call) => {
      if (asksContent(call, call.params['type'] ?? '')) return content(call);
      requireJsonFace(call.headers, call.pairs);
      const shape = shapeFrom(call);
      const asked = { store, caller: call.caller, ...named(call.params) };
      const { type, id } = asked;
      if (isLoggedType(type) && isLoggedId(id)) return loggedReply(asked, type, id);
      const at = asOfFrom(call.pairs, store.now());
      const reading = () => (at === undefined ? readRecord(asked) : readAsOf({ ...asked, at }));
      return readReply(await guarded(store, call.caller, reading), call, shape);
    }),
    fhirRoute(spec('/fhir/:type/:id/_history/:version', vread), async (call) => {
      requireJsonFace(call.headers, call.pairs);
      const shape = shapeFrom(call);
      const version =
        versionNumber(call.params['version']) ??
        refuse(recordKinds.notFound, 'No such version: versions are numbers from 1.');
      const asked = { store, caller: call.caller, ...named(call.params), version };
      return readReply(await guarded(store, call.caller, () => readVersion(asked)), call, shape);
    }),
  ];

  async function content(call: FhirCall): Promise<Reply> {
    const asked = { store, caller: call.caller, ...named(call.params) };
    return contentReply(await guarded(store, call.caller, () => readRecord(asked)));
  }
}

/** FHIR R4 http.html#read of an event the server logged itself: it never changes. */
async function loggedReply(
  asked: Parameters<typeof readLogged>[0],
  type: LoggedType,
  id: string,
): Promise<Reply> {
  return { status: 200, headers: { etag: 'W/"1"' }, body: await readLogged(asked, type, id) };
}

function spec(path: string, summary: string) {
  return { method: 'GET', path, summary, tag, replies: fhirReplies } as const;
}

export function named(params: Record<string, string>): { type: string; id: string } {
  return { type: requireType(params['type'] ?? ''), id: requireId(params['id'] ?? '') };
}
