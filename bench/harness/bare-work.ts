import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { BareJob } from './bare-postgres.ts';
import { type Spread, scatter, spreadOf } from './spread.ts';

/** One statement of the machine's limit; `bundles` is one multi-row insert per transaction. */
export type BareWork =
  | { kind: 'select'; rows: number }
  | { kind: 'page'; parts: number }
  | { kind: 'insert'; bytes: number }
  /** A file of JSON: a list of transactions, each a list of its rows' sizes in bytes. */
  | { kind: 'bundles'; file: string };

type Statement = (n: number) => { name: string; text: string; values: unknown[] } | undefined;

/** Rows of another run keep their ids: each run begins beyond all that were. */
const first = Date.now() * 1000;

async function statementOf(work: BareWork): Promise<Statement> {
  if (work.kind === 'select') {
    const text = 'select body from selected where id = $1';
    return (n) => ({ name: 'select', text, values: [scatter(n, work.rows)] });
  }
  if (work.kind === 'page') {
    const text = 'select id, body from paged where part = $1 order by id';
    return (n) => ({ name: 'page', text, values: [scatter(n, work.parts)] });
  }
  if (work.kind === 'insert') {
    const body = 'x'.repeat(work.bytes);
    const text = 'insert into inserted (id, body) values ($1, $2)';
    return (n) => ({ name: 'insert', text, values: [first + n, body] });
  }
  return bundles(JSON.parse(await readFile(work.file, 'utf8')));
}

function bundles(all: readonly (readonly number[])[]): Statement {
  const filler = 'x'.repeat(Math.max(...all.flat()));
  const text = 'insert into inserted select * from unnest($1::int8[], $2::text[])';
  let next = first;
  return (n) => {
    const sizes = all[n];
    if (sizes === undefined) return undefined;
    const ids = sizes.map(() => next++);
    return { name: 'bundle', text, values: [ids, sizes.map((size) => filler.slice(0, size))] };
  };
}

async function work(job: BareJob): Promise<Spread> {
  const pool = new pg.Pool({ connectionString: job.url, max: job.connections });
  const statement = await statementOf(job.work);
  const bounded = job.work.kind === 'bundles';
  let sent = 0;
  const loop = async (seconds: number) => {
    const millis: number[] = [];
    const began = performance.now();
    const caller = async () => {
      for (let at = performance.now(); at - began < seconds * 1000; at = performance.now()) {
        const query = statement(sent++);
        if (query === undefined) return;
        await pool.query(query);
        millis.push(performance.now() - at);
      }
    };
    await Promise.all(Array.from({ length: job.callers }, caller));
    return spreadOf(millis, (performance.now() - began) / 1000);
  };
  if (bounded) await pool.query('select 1');
  else await loop(1);
  const spread = await loop(bounded ? Number.POSITIVE_INFINITY : job.seconds);
  await pool.end();
  return spread;
}

process.stdout.write(JSON.stringify(await work(JSON.parse(process.env['BENCH_JOB'] ?? ''))));
