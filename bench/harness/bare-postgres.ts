import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { BareWork } from './bare-work.ts';
import type { Scratch } from './scratch.ts';
import type { Spread } from './spread.ts';

/** Connections of the server's own pool: the default of MEDCONNECT_DATABASE_CONNECTIONS. */
const CONNECTIONS = 10;

/** What PostgreSQL alone does through `pg`, in the same cluster as the server under test. */
export type BarePostgres = {
  /** In a process of its own, as the server is in its own. */
  measure(work: BareWork, callers: number, seconds: number): Promise<Spread>;
};

const script = fileURLToPath(import.meta.resolve('./bare-work.ts'));

const setup = `
create table selected (id int8 primary key, body text not null);
create table inserted (id int8 primary key, body text not null);
create table paged (id int8 primary key, part int8 not null, body text not null);
create index paged_part on paged (part, id);
-- Inline and uncompressed: the fastest row there is.
alter table selected alter column body set storage plain;
alter table inserted alter column body set storage external;
alter table paged alter column body set storage plain;
`;

export async function openBarePostgres(scratch: Scratch, clusterUrl: string) {
  const url = clusterUrl.replace('/postgres?', '/bare?');
  await run(clusterUrl, ['create database bare']);
  await run(url, [setup]);
  const bare: BarePostgres = {
    measure: (work, callers, seconds) =>
      measure(scratch, { url, connections: CONNECTIONS, callers, seconds, work }),
  };
  return {
    ...bare,
    /** Rows 0…count-1 of `bytes` each, for `select`. */
    fillSelected: (count: number, bytes: number) =>
      run(url, [
        'truncate selected',
        `insert into selected select n, repeat(md5(n::text), ${Math.ceil(bytes / 32)})
           from generate_series(0, ${count - 1}) as n`,
        'vacuum analyze selected',
      ]),
    /** `count` rows in parts of `each`, for `page`. */
    fillPaged: (count: number, each: number, bytes: number) =>
      run(url, [
        'truncate paged',
        `insert into paged select n, n / ${each}, repeat(md5(n::text), ${Math.ceil(bytes / 32)})
           from generate_series(0, ${count - 1}) as n`,
        'vacuum analyze paged',
      ]),
  };
}

async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export type BareJob = {
  readonly url: string;
  readonly connections: number;
  readonly callers: number;
  readonly seconds: number;
  readonly work: BareWork;
};

function measure(scratch: Scratch, job: BareJob): Promise<Spread> {
  const child = spawn(process.execPath, [script], {
    // The address holds a password, which a process list would show.
    env: { PATH: process.env['PATH'], BENCH_JOB: JSON.stringify(job) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const stop = scratch.onClose(async () => void child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      void stop();
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error('The bare PostgreSQL run failed.'));
    });
  });
}
