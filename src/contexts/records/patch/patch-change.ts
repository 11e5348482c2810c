import { refuse } from '../../../platform/problem.ts';
import { requireId, requireType } from '../body.ts';
import type { Precondition } from '../change.ts';
import type { Apply } from '../commit.ts';
import { type Criteria, theOneLocked, transactOn } from '../conditional.ts';
import { type Asked, type Outcome, outcomeOf, preparing } from '../interaction.ts';
import { recordKinds } from '../problems.ts';
import { transact, type Within } from '../transact.ts';
import { definitionsNow } from './definitions-now.ts';
import type { Patch } from './patch.ts';
import { patchedRecord } from './patched-record.ts';

type Patching = Asked & Precondition & { readonly patch: Patch };

/** FHIR R4 http.html#patch. */
export async function patchRecord(
  asked: Patching & { readonly type: string; readonly id: string },
): Promise<Outcome> {
  const place = { type: requireType(asked.type), id: requireId(asked.id) };
  const now = await asOfNow(asked);
  return transact(asked, (within, apply) => patched(now, within, apply, place));
}

/** FHIR R4 http.html#patch, conditional: none is 404, of several none is touched (412). */
export async function patchWhere(
  asked: Patching & { readonly criteria: Criteria },
): Promise<Outcome> {
  const { criteria } = asked;
  const type = requireType(criteria.type);
  const now = await asOfNow(asked);
  return transactOn(asked, criteria, async (within, apply) => {
    const found =
      (await theOneLocked(within, criteria)) ??
      refuse(recordKinds.notFound, `The criteria match no ${type} to patch.`);
    return patched(now, within, apply, { type, id: found.id });
  });
}

async function patched(
  asked: Patching,
  within: Within,
  apply: Apply,
  place: { type: string; id: string },
): Promise<Outcome> {
  const resource = await patchedRecord(within, place, asked.patch);
  const prepared = (await preparing(asked, resource))(resource);
  const { ifMatch, ifNoneMatch } = asked;
  const change = { deed: 'patch', method: 'PATCH', prepared, ifMatch, ifNoneMatch } as const;
  const [applied] = await apply([change], true);
  return outcomeOf(prepared, applied);
}

async function asOfNow(asked: Patching): Promise<Patching> {
  const { store, caller } = asked;
  const now = await definitionsNow(store, caller.principal.tenant);
  return { ...asked, store: { ...store, ...now } };
}
