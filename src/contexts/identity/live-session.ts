import type { Database } from '../../platform/postgres/database.ts';
import type { Principal } from '../../platform/principal.ts';
import type { AccessClaims } from './access-token.ts';
import { principalOf } from './audited.ts';
import { keepNewest } from './keep-newest.ts';
import { readSession } from './session.ts';

/** The sessions this process has seen of late, so that a request need not ask the database. */
export type LiveSessions = {
  /** As read at most half a minute ago; undefined when there is none of this holder. */
  of(claims: AccessClaims, now: number): Promise<LiveSession | undefined>;
  /** In this process it is over now, whatever a read under way still saw. */
  end(session: string): void;
};

export type LiveSession = {
  readonly principal: Principal;
  readonly freshUntil: number;
  readonly expiresAt: number;
  ended: boolean;
};

const SESSIONS = 20_000;
/** How long another process may go on accepting a session that ended here. */
const FRESH_MS = 30_000;

export function openLiveSessions(database: Database): LiveSessions {
  const sessions = new Map<string, LiveSession>();
  const reading = new Map<string, Promise<LiveSession | undefined>>();

  async function read({ tnum, sid, sub }: AccessClaims, now: number) {
    const session = await database.transaction(tnum, (tx) => readSession(tx, sid));
    if (session === undefined || session.holder.id !== sub) return undefined;
    const live: LiveSession = {
      principal: principalOf(tnum, sid, session.holder),
      freshUntil: now + FRESH_MS,
      expiresAt: session.expiresAt.getTime(),
      // What ended here while the row was being read stays ended.
      ended: session.ended || sessions.get(sid)?.ended === true,
    };
    keepNewest(sessions, sid, live, SESSIONS);
    return live;
  }

  return {
    async of(claims, now) {
      const known = sessions.get(claims.sid);
      if (known !== undefined && (known.ended || known.freshUntil > now)) return known;
      const running = reading.get(claims.sid);
      if (running !== undefined) return running;
      const started = read(claims, now).finally(() => reading.delete(claims.sid));
      reading.set(claims.sid, started);
      return started;
    },
    end(session) {
      const known = sessions.get(session);
      if (known !== undefined) known.ended = true;
      else keepNewest(sessions, session, { ...over }, SESSIONS);
    },
  };
}

const over: LiveSession = {
  principal: { tenant: 0, kind: 'user', id: '', roles: [], session: '' },
  freshUntil: 0,
  expiresAt: 0,
  ended: true,
};
