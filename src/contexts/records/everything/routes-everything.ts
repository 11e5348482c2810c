import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { Problem, refuse } from '../../../platform/problem.ts';
import { guarded, requireReach } from '../allow.ts';
import { requireId } from '../body.ts';
import { patientsOfGroup } from '../bulk/group.ts';
import { operationPairs } from '../bulk/parameter.ts';
import { openCursor } from '../cursor.ts';
import { fhirReplies, requireJsonFace } from '../fhir-call.ts';
import { recordKinds } from '../problems.ts';
import { type Read, readRecord } from '../read.ts';
import type { Store } from '../store.ts';
import { type Compartment, type EverythingAsked, everything } from './everything.ts';
import { type EverythingOrder, everythingOrder } from './everything-order.ts';

const tag = 'FHIR operations';

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

/** R4 patient-, encounter- and group-operation-everything.html. */
export function everythingRoutes(store: Store): Route[] {
  const places = [
    { path: '/fhir/Patient/:id/$everything', of: 'Patient', summary: 'All of a patient’s record' },
    { path: '/fhir/Encounter/:id/$everything', of: 'Encounter', summary: 'All of an encounter' },
    { path: '/fhir/Group/:id/$everything', of: 'Group', summary: 'All of a Group’s patients' },
    { path: '/fhir/Patient/$everything', of: 'own', summary: 'All of the caller’s own record' },
  ] as const;
  return places.flatMap(({ path, of, summary }) =>
    (['GET', 'POST'] as const).map((method) =>
      fhirRoute({ method, path, summary, tag, replies: fhirReplies }, (call) =>
        guarded(store, call.caller, () => answer(call, of)),
      ),
    ),
  );

  async function answer(call: FhirCall, of: (typeof places)[number]['of']): Promise<Reply> {
    const pairs = operationPairs(call);
    requireJsonFace(call.headers, pairs);
    const order = await resumed(store, call, everythingOrder(pairs, of !== 'Encounter'));
    const { caller } = call;
    const id = of === 'own' ? ownPatient(call) : requireId(call.params['id'] ?? '');
    const path = of === 'own' ? 'Patient/$everything' : `${of}/${id}/$everything`;
    const asked =
      of === 'Group'
        ? await ofGroup(call, id)
        : await ofOne(call, of === 'own' ? 'Patient' : of, id);
    return { status: 200, body: await everything({ store, caller, path, order, ...asked }) };
  }

  async function ofOne({ caller }: FhirCall, type: Compartment['type'], id: string) {
    const head = await readRecord({ store, caller, type, id });
    return { compartments: [{ type, id }], heads: [head] };
  }

  /** Of each member who is there and whom the caller may see. */
  async function ofGroup({ caller }: FhirCall, id: string): Promise<Members> {
    const group = await readRecord({ store, caller, type: 'Group', id });
    const { patients } = await patientsOfGroup(store, caller, id);
    if (patients.length > MOST_MEMBERS) {
      const text = `A Group of more than ${MOST_MEMBERS} patients is exported: Group/[id]/$export.`;
      refuse(recordKinds.tooCostly, text);
    }
    const heads: Read[] = [];
    for (const patient of patients) {
      const head = await readRecord({ store, caller, type: 'Patient', id: patient }).catch(unseen);
      if (head !== undefined) heads.push(head);
    }
    const compartments = heads.map(
      ({ stored }): Compartment => ({ type: 'Patient', id: stored.id }),
    );
    return { compartments, heads: [group, ...heads] };
  }

  /** The whole store is not one answer. */
  function ownPatient({ caller }: FhirCall): string {
    requireReach({ store, caller, action: 'read', type: 'Patient' });
    const { patient } = caller.principal;
    if (patient !== undefined) return patient;
    const text =
      'Without an id $everything is of your own record; for all patients Patient/$export.';
    return refuse(recordKinds.tooCostly, text);
  }
}

/** A cursor carries what was asked. */
async function resumed(
  store: Store,
  { caller }: FhirCall,
  order: EverythingOrder,
): Promise<EverythingOrder> {
  if (order.cursor === undefined) return order;
  const state = await openCursor(store, caller, order.cursor);
  const { order: kept } = Object(state) as { order?: EverythingOrder };
  return { ...kept, cursor: order.cursor };
}

type Members = Pick<EverythingAsked, 'compartments' | 'heads'>;

const MOST_MEMBERS = 200;

/** A member who is gone, or not the caller's to see, is left out as from a search. */
function unseen(error: unknown): undefined {
  if (error instanceof Problem && error.kind.status < 500) return undefined;
  throw error;
}
