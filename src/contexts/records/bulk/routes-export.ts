import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { guarded, requireReach } from '../allow.ts';
import { requireId } from '../body.ts';
import { fhirReplies, requireJsonFace } from '../fhir-call.ts';
import { accepted } from '../job/accepted.ts';
import type { Jobs } from '../job/jobs.ts';
import { wantsAsync } from '../job/wants-async.ts';
import { preferenceFrom } from '../prefer.ts';
import type { Store } from '../store.ts';
import { type ExportLevel, type ExportOrder, exportOrder } from './export-order.ts';
import { patientsOfGroup } from './group.ts';
import { operationPairs } from './parameter.ts';
import { tryFilter, typesOf } from './plan.ts';

const tag = 'FHIR bulk data';

/** Bulk Data Access 2.0: kick-off of an export by GET and POST. */
export function exportRoutes(store: Store, jobs: Jobs): Route[] {
  const levels = [
    { path: '/fhir/$export', level: 'system', summary: 'Export all records' },
    { path: '/fhir/Patient/$export', level: 'patient', summary: 'Export the records of patients' },
    {
      path: '/fhir/Group/:id/$export',
      level: 'group',
      summary: 'Export the records of the patients of a Group',
    },
  ] as const;
  return levels.flatMap(({ path, level, summary }) =>
    (['GET', 'POST'] as const).map((method) =>
      fhirRoute({ method, path, summary, tag, replies }, (call) =>
        guarded(store, call.caller, () => kickOff(call, level)),
      ),
    ),
  );

  async function kickOff(call: FhirCall, level: ExportLevel): Promise<Reply> {
    requireJsonFace(call.headers, []);
    if (!wantsAsync(call.headers['prefer'])) {
      refuse(kinds.badRequest, 'An export takes its time: send Prefer: respond-async.');
    }
    const order = exportOrder({
      level,
      ...(level === 'group' ? { group: requireId(call.params['id'] ?? '') } : {}),
      request: `${store.baseUrl.replace(/\/fhir$/, '')}${call.url}`,
      pairs: operationPairs(call),
      lenient: preferenceFrom(call.headers['prefer']).lenient,
    });
    await requireAnswerable(call, order);
    const id = await jobs.submit(call.caller, { kind: 'export', asked: order });
    await store.audit.release(call.caller.principal.tenant, [
      {
        ...{ type: 'record.export', action: 'E', outcome: 'success', caller: call.caller },
        note: { job: id, level, types: order.types ?? [] },
      },
    ]);
    return accepted(store.baseUrl, id);
  }

  /** What can be refused is refused now, not after an hour. */
  async function requireAnswerable({ caller }: FhirCall, order: ExportOrder): Promise<void> {
    const types = typesOf(order);
    const seen = types.filter((type) => {
      const { principal, purpose } = caller;
      return store.access.reach(principal, 'search', type, purpose).kind !== 'none';
    });
    const [first = 'Patient'] = types;
    // Nothing of it at all: refused as a search of the first would be, and audited.
    if (seen.length === 0) requireReach({ store, caller, action: 'search', type: first });
    await store.phi.hasher(caller.principal.tenant);
    for (const filter of order.filters) await tryFilter({ store, caller }, filter);
    if (order.group === undefined) return;
    const { patients } = await patientsOfGroup(store, caller, order.group);
    const strangers = order.patients?.filter((id) => !patients.includes(id)) ?? [];
    if (strangers.length === 0) return;
    refuse(kinds.badRequest, `${strangers.length} of the patients are no members of the Group.`);
  }
}

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];
const replies = { ...fhirReplies, 202: fhirReplies[200] ?? {} };
