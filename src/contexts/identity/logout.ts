import type { Caller } from '../../platform/principal.ts';
import type { Bearer } from './bearer.ts';
import type { Means } from './means.ts';
import { endSession } from './session.ts';

/** Ends the caller's session: its refresh token and, in this process at once, its access tokens. */
export async function logout(means: Means, bearer: Bearer, caller: Caller): Promise<void> {
  const { tenant, session } = caller.principal;
  await means.database.transaction(tenant, async (tx) => {
    const ended = await endSession(tx, session, 'logout', means.now());
    if (!ended) return;
    await means.audit.write(tx, [{ type: 'auth.logout', action: 'E', outcome: 'success', caller }]);
  });
  bearer.end(session);
}
