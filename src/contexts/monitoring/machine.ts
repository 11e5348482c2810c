import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';

/** How full the machine is, in percent; the disk is the one that holds the data folder. */
export type Machine = { cpu_percent: number; memory_percent: number; disk_percent: number };

export async function machine(folder: string): Promise<Machine> {
  const [load = 0] = loadavg();
  return {
    cpu_percent: percent(load, availableParallelism()),
    memory_percent: percent(totalmem() - freemem(), totalmem()),
    disk_percent: await diskPercent(folder),
  };
}

async function diskPercent(folder: string): Promise<number> {
  const { blocks, bavail } = await statfs(folder);
  return percent(blocks - bavail, blocks);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10;
}
