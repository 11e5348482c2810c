import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { recordKinds } from './problems.ts';
import { keyOf } from './read.ts';
import type { Store } from './store.ts';

/** 4 KB in a link is what every proxy lets through. */
const LONGEST = 4096;

/**
 * Paging state as an opaque token. Sealed, because a query's values may be PHI and links end up in
 * logs; bound to the tenant and the caller, so that it is worth nothing to anybody else.
 */
export async function sealCursor(store: Store, caller: Caller, state: object): Promise<string> {
  const key = await keyOf(store, caller.principal.tenant, 0n);
  return key.seal(Buffer.from(JSON.stringify(state)), context(caller)).toString('base64url');
}

export async function openCursor(store: Store, caller: Caller, token: string): Promise<unknown> {
  const invalid = 'The cursor is not one of ours for you: begin the search anew.';
  if (token.length > LONGEST) return refuse(recordKinds.cursor, invalid);
  const key = await keyOf(store, caller.principal.tenant, 0n);
  try {
    const opened = key.open(Buffer.from(token, 'base64url'), context(caller));
    return JSON.parse(opened.toString('utf8')) as unknown;
  } catch (cause) {
    return refuse(recordKinds.cursor, invalid, { cause });
  }
}

function context(caller: Caller): string {
  return `cursor/${caller.principal.id}`;
}
