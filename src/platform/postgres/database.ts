import { createHash } from 'node:crypto';
import pg from 'pg';
import { kinds, Problem } from '../problem.ts';
import { gatheringSocket } from './gathering-socket.ts';
import type { Sql } from './sql.ts';

/** What statements run on: inside one transaction of one tenant. */
export type Transaction = {
  /** The tenant number row-level security lets through; 0 is no tenant. */
  readonly tenant: number;
  rows<Row>(query: Sql): Promise<Row[]>;
  row<Row>(query: Sql): Promise<Row | undefined>;
  /** Returns the number of rows affected. */
  run(query: Sql): Promise<number>;
  /**
   * The last statements: COMMIT travels right behind them instead of after their answers. `issue`
   * must send all it sends before it first waits; nothing may be sent afterwards.
   */
  last<T>(issue: () => Promise<T>): Promise<T>;
};

export type Database = {
  /**
   * BEGIN … COMMIT as one tenant. Statements issued without waiting travel together; BEGIN goes out
   * with the first and COMMIT follows the last. Throws what `work` throws, after a rollback.
   */
  transaction<T>(tenant: number, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A single client outside the pool, for locks and LISTEN that live long. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
  /** How another thread reaches the same database; holds the password. */
  readonly settings: DatabaseSettings;
  readonly pool: { total(): number; idle(): number; waiting(): number };
};

export type DatabaseSettings = {
  url: string;
  connections: number;
  /** The role row-level security binds; undefined when the URL's own user already is bound. */
  role?: string;
  statementTimeoutMs: number;
};

const types = { getTypeParser };

/** text format in, our types out: int8 as bigint, bytea as Buffer, timestamptz as Date. */
function getTypeParser(oid: number): (text: string) => unknown {
  if (oid === 20) return (text) => BigInt(text);
  if (oid === 21 || oid === 23 || oid === 26 || oid === 700 || oid === 701) return Number;
  if (oid === 16) return (text) => text === 't';
  if (oid === 17) return (text) => Buffer.from(text.slice(2), 'hex');
  if (oid === 1184) return instant;
  if (oid === 114 || oid === 3802) return (text) => JSON.parse(text) as unknown;
  if (oid === 1016) return (text) => text.slice(1, -1).split(',').filter(Boolean).map(BigInt);
  return (text) => text;
}

/** `2026-11-22 03:04:05.678901+00`: the session's time zone is UTC. */
function instant(text: string): Date {
  return new Date(`${text.slice(0, 10)}T${text.slice(11).replace(/\+00$/, 'Z')}`);
}

export function openDatabase(settings: DatabaseSettings): Database {
  const options =
    `-c timezone=UTC -c statement_timeout=${settings.statementTimeoutMs}` +
    (settings.role ? ` -c role=${settings.role}` : '');
  const config: pg.PoolConfig & { pipeline: boolean } = {
    connectionString: settings.url,
    max: settings.connections,
    options,
    types,
    pipeline: true,
    stream: gatheringSocket,
    application_name: 'medconnect',
    connectionTimeoutMillis: 10_000,
  };
  const pool = new pg.Pool(config);
  // A connection lost while idle: the pool replaces it; the next query tells if the server is gone.
  pool.on('error', () => undefined);
  // One lost while at work: its statements reject. Unheard, the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    transaction: (tenant, work) => transaction(pool, tenant, work),
    async connect() {
      const client = new pg.Client(config);
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    close: () => pool.end(),
    settings,
    pool: {
      total: () => pool.totalCount,
      idle: () => pool.idleCount,
      waiting: () => pool.waitingCount,
    },
  };
}

async function transaction<T>(
  pool: pg.Pool,
  tenant: number,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw unavailable(cause);
  });
  let broken: Error | undefined;
  let committing: Promise<pg.QueryResult> | undefined;
  const commit = () => (committing ??= client.query('commit'));
  try {
    const begun = begin(client, tenant);
    let result: T;
    try {
      result = await work(inside(client, tenant, commit));
      await begun;
    } catch (error) {
      // After a COMMIT that followed a failed statement this only warns that nothing is open.
      await client.query('rollback').catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error('rollback failed');
      });
      throw error;
    }
    const committed = await commit();
    // A statement that failed and was not awaited leaves the transaction aborted: COMMIT says so.
    if (committed.command !== 'COMMIT') throw new Error('transaction was rolled back at commit');
    return result;
  } catch (error) {
    if (!lost(error)) throw error;
    throw committing === undefined ? unavailable(error) : inDoubt(error);
  } finally {
    client.release(broken);
  }
}

/**
 * One message for both: two short commands are quicker parsed than sent apart. `tenant` is a
 * number.
 */
function begin(client: pg.PoolClient, tenant: number): Promise<unknown> {
  const begun = client.query(`begin; set local app.tenant = '${Math.trunc(tenant)}'`);
  // Awaited by the caller after `work`; until then a failure must not count as unhandled.
  begun.catch(() => undefined);
  return begun;
}

function inside(
  client: pg.PoolClient,
  tenant: number,
  commit: () => Promise<pg.QueryResult>,
): Transaction {
  return {
    tenant,
    rows: async <Row>(query: Sql) => (await run(client, query)).rows as Row[],
    row: async <Row>(query: Sql) => (await run(client, query)).rows[0] as Row | undefined,
    run: async (query) => (await run(client, query)).rowCount ?? 0,
    async last(issue) {
      const issued = issue();
      const committed = commit();
      // Its failure is told by the transaction; here the statement's own is the better word.
      committed.catch(() => undefined);
      return issued;
    },
  };
}

const names = new Map<string, string>();
/**
 * Texts beyond this many run unnamed, so that generated searches cannot fill the server's memory.
 */
const NAMED_STATEMENTS = 400;

function run(client: pg.ClientBase, query: Sql): Promise<pg.QueryResult> {
  return client.query({ text: query.text, values: [...query.values], name: nameOf(query) });
}

function nameOf({ text, fresh }: Sql): string | undefined {
  if (fresh === true) return undefined;
  const known = names.get(text);
  if (known !== undefined || names.size >= NAMED_STATEMENTS) return known;
  const name = `q${createHash('sha256').update(text).digest('base64url').slice(0, 20)}`;
  names.set(text, name);
  return name;
}

function lost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^(08|57P)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT'].includes(code) ||
    /^(Connection terminated|Client has encountered|timeout exceeded|Client was closed)/.test(
      error.message,
    )
  );
}

function unavailable(
  cause: unknown,
  text = 'The database does not answer; try again shortly.',
): Problem {
  return new Problem(kinds.unavailable, text, { cause, headers: { 'retry-after': '2' } });
}

/** COMMIT was sent and not answered: only the database knows. */
function inDoubt(cause: unknown): Problem {
  const text = 'The database went away while this was being kept; look before sending it again.';
  return unavailable(cause, text);
}
