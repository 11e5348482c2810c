import { rm } from 'node:fs/promises';
import { emptyFolder, type Program, program } from '../program.ts';

/** The program over a data folder of its own, to be stopped, killed and started again. */
export type House = {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of the one that runs now. */
  address(): string;
  running(): Program;
  start(): Promise<void>;
  /** As `kill` and Kubernetes do; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** A command beside it, or while it is stopped. */
  run(
    args: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ code: number | null; out: string; err: string }>;
  remove(): Promise<void>;
};

export const demoPassword = 'seven grey herons by the water';
export const demoSecret = 'nine brown otters in the reeds';

export async function house(given: Record<string, string> = {}): Promise<House> {
  const folder = await emptyFolder();
  const env = {
    MEDCONNECT_DATA: folder,
    MEDCONNECT_DEMO_PASSWORD: demoPassword,
    MEDCONNECT_DEMO_CLIENT_SECRET: demoSecret,
    MEDCONNECT_LOG_LEVEL: 'warn',
    ...given,
  };
  let running: Program | undefined;
  let address = '';
  const now = () => running ?? fail();
  return {
    ...{ folder, env, running: now, address: () => address },
    async start() {
      running = program(['serve'], env);
      address = await running.ready;
    },
    async stop() {
      now().child.kill('SIGTERM');
      return (await now().ended).code;
    },
    run: (args, more = {}) => program(args, { ...env, ...more }).ended,
    async remove() {
      if (running?.child.exitCode === null && running.child.signalCode === null) {
        running.child.kill('SIGTERM');
      }
      await running?.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fail(): never {
  throw new Error('it was not started');
}
