import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { parseReference } from '../../../standards/fhir/reference.ts';
import { recordKinds } from '../problems.ts';
import { readRecord } from '../read.ts';
import type { Store } from '../store.ts';

type Member = { entity?: { reference?: unknown }; inactive?: unknown };

/** Members looked at in one Group; a larger cohort is better exported as all patients. */
const MOST = 100_000;

/** The patients of a Group the caller may read, and what of its members was left out. */
export async function patientsOfGroup(
  store: Store,
  caller: Caller,
  id: string,
): Promise<{ patients: string[]; told: string[] }> {
  const { rendered } = await readRecord({ store, caller, type: 'Group', id });
  const group = parseResourceJson(rendered.json);
  if (rendered.withheld.length > 0 && group['member'] === undefined) {
    refuse(recordKinds.authorizationDenied, 'Your roles do not see the members of a Group.');
  }
  const members = (group['member'] ?? []) as Member[];
  if (members.length > MOST) {
    refuse(recordKinds.tooCostly, `A Group of more than ${MOST} members is not exported.`);
  }
  const patients = new Set<string>();
  let others = 0;
  for (const { entity, inactive } of members) {
    if (inactive === true) continue;
    const reference = entity?.reference;
    const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
    if (parsed?.kind === 'relative' && parsed.type === 'Patient') patients.add(parsed.id);
    else others += 1;
  }
  const told =
    others === 0 ? [] : [`${others} members of the Group are no patients of this store.`];
  return { patients: [...patients], told };
}
