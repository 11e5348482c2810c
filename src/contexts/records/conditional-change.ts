import { randomUUID } from 'node:crypto';
import { refuse } from '../../platform/problem.ts';
import { requireId, requireSameType, requireType } from './body.ts';
import type { Precondition } from './change.ts';
import { type Criteria, theOneLocked, transactOn } from './conditional.ts';
import { type Asked, deleted, type Outcome, outcomeOf, preparing } from './interaction.ts';
import type { Resource } from './prepare.ts';
import { recordKinds } from './problems.ts';

type Wanted = Asked & Precondition & { readonly criteria: Criteria };

/**
 * FHIR R4 http.html#cond-update: none is made (under the id given, unless that is taken: 409), one
 * is updated (an id given must be its: 400), of several none is touched (412).
 */
export async function updateWhere(asked: Wanted, resource: Resource): Promise<Outcome> {
  const { criteria, ifMatch, ifNoneMatch } = asked;
  requireSameType(resource, requireType(criteria.type));
  const given = resource.id === undefined ? undefined : requireId(resource.id);
  const prepared = await preparing(asked, resource);
  return transactOn(asked, criteria, async (within, apply) => {
    const found = await theOneLocked(within, criteria);
    if (found !== undefined && given !== undefined && given !== found.id) {
      refuse(
        recordKinds.mismatch,
        'The criteria match a record that has another id than the resource.',
      );
    }
    const named = { ...resource, id: found?.id ?? given ?? randomUUID() };
    const absent = found === undefined && given !== undefined;
    const put = { deed: 'update', method: 'PUT', prepared: prepared(named) } as const;
    const [applied] = await apply([{ ...put, ifMatch, ifNoneMatch, absent }], true);
    return outcomeOf(put.prepared, applied);
  });
}

/** FHIR R4 http.html#3.1.0.7.1, single: none is 204 as well, of several none is touched (412). */
export function deleteWhere(asked: Wanted): Promise<Outcome> {
  const { criteria, store, ifMatch } = asked;
  const type = requireType(criteria.type);
  return transactOn(asked, criteria, async (within, apply) => {
    const found = await theOneLocked(within, criteria);
    if (found === undefined) {
      if (ifMatch !== undefined) {
        refuse(recordKinds.versionConflict, 'If-Match names a version, but nothing matches.');
      }
      const nothing = { type, id: '', version: undefined, updatedAt: store.now(), created: false };
      return deleted(nothing);
    }
    const { id, self } = found;
    const [applied] = await apply([{ deed: 'delete', type, id, self, ifMatch }], true);
    return deleted(applied);
  });
}
