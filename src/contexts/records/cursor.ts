import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { recordKinds } from './problems.ts';
import { keyOf } from './read.ts';
import type { Store } from './store.ts';

/**
 * Characters: half of what a request's head may have here (16 KiB), and what proxies let through
 * unless told otherwise. A search by some hundred codes fits.
 */
const LONGEST = 8192;
/** Bytes of state a token may unfold to: the longest search there is, with room. */
const UNFOLDED = 256 * 1024;

/**
 * Paging state as an opaque token. Sealed, because a query's values may be PHI and links end up in
 * logs; bound to the tenant and the caller, so that it is worth nothing to anybody else.
 */
export async function sealCursor(store: Store, caller: Caller, state: object): Promise<string> {
  const key = await keyOf(store, caller.principal.tenant, 0n);
  const packed = deflateRawSync(Buffer.from(JSON.stringify(state)));
  const token = key.seal(packed, context(caller)).toString('base64url');
  if (token.length <= LONGEST) return token;
  return refuse(
    recordKinds.tooCostly,
    'The search is too long to be paged: ask for fewer alternatives, or a _count that holds all.',
  );
}

export async function openCursor(store: Store, caller: Caller, token: string): Promise<unknown> {
  const invalid = 'The cursor is not one of ours for you: begin the search anew.';
  if (token.length > LONGEST) return refuse(recordKinds.cursor, invalid);
  const key = await keyOf(store, caller.principal.tenant, 0n);
  try {
    const opened = key.open(Buffer.from(token, 'base64url'), context(caller));
    const state = inflateRawSync(opened, { maxOutputLength: UNFOLDED });
    return JSON.parse(state.toString('utf8')) as unknown;
  } catch (cause) {
    return refuse(recordKinds.cursor, invalid, { cause });
  }
}

function context(caller: Caller): string {
  return `cursor/${caller.principal.id}`;
}
