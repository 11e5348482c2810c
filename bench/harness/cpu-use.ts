import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerUnderTest } from './server-under-test.ts';

/** Linux counts a process's time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** CPU seconds since their start; what the two cores do not show here, the load generator used. */
export type CpuUse = { readonly server: number; readonly postgres: number; readonly bench: number };

/** Undefined where there is no /proc. */
export async function cpuUse({ pid, dataFolder }: ServerUnderTest): Promise<CpuUse | undefined> {
  try {
    const file = join(dataFolder, 'postgres/postmaster.pid');
    const postmaster = Number((await readFile(file, 'utf8')).split('\n')[0]);
    const own = process.cpuUsage();
    return {
      server: (await statOf(pid)).seconds,
      postgres: await familySeconds(postmaster),
      bench: (own.user + own.system) / 1e6,
    };
  } catch {
    return undefined;
  }
}

/** `0.21 ms server + 0.12 ms PostgreSQL + 0.04 ms bench` of CPU for each of `count` requests. */
export function cpuEach(before: CpuUse | undefined, after: CpuUse | undefined, count: number) {
  if (before === undefined || after === undefined) return 'CPU unknown';
  const each = (of: keyof CpuUse) => (((after[of] - before[of]) * 1000) / count).toFixed(3);
  return `CPU each: server ${each('server')} + PostgreSQL ${each('postgres')} + bench ${each('bench')} ms`;
}

/**
 * What is written is sequenced and vacuumed afterwards; a load that has that beside it is another.
 */
export async function untilIdle(server: ServerUnderTest): Promise<void> {
  let before = await cpuUse(server);
  for (let second = 0; second < 120; second += 1) {
    await sleep(1_000);
    const after = await cpuUse(server);
    if (before === undefined || after === undefined) return sleep(10_000);
    if (after.server + after.postgres - before.server - before.postgres < 0.1) return;
    before = after;
  }
  throw new Error('The server and its database do not come to rest.');
}

/** A backend that ended lives on in what the postmaster reaped. */
async function familySeconds(postmaster: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map((pid) => statOf(pid).catch(() => undefined)));
  let seconds = 0;
  for (const stat of stats) {
    if (stat?.pid === postmaster) seconds += stat.seconds + stat.reaped;
    else if (stat?.parent === postmaster) seconds += stat.seconds;
  }
  return seconds;
}

type Stat = { pid: number; parent: number; seconds: number; reaped: number };

async function statOf(pid: number): Promise<Stat> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc(5): fields 4, 14 to 17; the name in field 2 may hold spaces and brackets.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent = 0, user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = [
    ...fields.slice(1, 2),
    ...fields.slice(11, 15),
  ];
  const seconds = (user + system) / TICKS_PER_SECOND;
  return { pid, parent, seconds, reaped: (reapedUser + reapedSystem) / TICKS_PER_SECOND };
}
