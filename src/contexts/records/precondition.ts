import { Problem, refuse } from '../../platform/problem.ts';
import type { Change } from './change.ts';
import { recordKinds } from './problems.ts';
import type { Stored } from './stored.ts';
import { isTagged } from './version-tag.ts';

/**
 * The criteria found nothing, and now there is a record with the id. It may have been made since
 * they were looked at, and then they would find it: a second look decides (commit.ts).
 */
export class MadeMeanwhile extends Problem {
  constructor() {
    const text = 'The criteria match no record, but there is one with the id of the resource.';
    super(recordKinds.conflict, text);
  }
}

/**
 * Whether a change may go on, judged on the record as it is locked. FHIR R4 http.html#concurrency:
 * a stale If-Match is 412, not 409.
 */
export function requirePrecondition(change: Change, current: Stored | undefined): void {
  const { ifMatch, ifNoneMatch, absent } = change;
  if (ifMatch === undefined && ifNoneMatch === undefined && absent !== true) return;
  const version = current === undefined || current.deleted ? undefined : current.version;
  const is = version === undefined ? 'absent' : `version ${version}`;
  if (ifMatch !== undefined && !isTagged(ifMatch, version)) {
    const named = ifMatch === '*' ? 'a version' : `version ${ifMatch.join(' or ')}`;
    refuse(
      recordKinds.versionConflict,
      `If-Match names ${named}, but the record is ${is}: read it again.`,
    );
  }
  if (ifNoneMatch !== undefined && isTagged(ifNoneMatch, version)) {
    refuse(
      recordKinds.versionConflict,
      `If-None-Match asks for no such record, but it is ${is}: nothing was changed.`,
    );
  }
  if (absent === true && version !== undefined) {
    throw new MadeMeanwhile();
  }
}
