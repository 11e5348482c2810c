import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the command line asks for, understood. */
export type LoadRequest = {
  readonly paths: readonly string[];
  readonly synthetic: { readonly patients: number; readonly seed: number } | undefined;
  readonly tenant: string | undefined;
  readonly restart: boolean;
  readonly dryRun: boolean;
  readonly concurrency: number;
};

const options = {
  tenant: { type: 'string' },
  synthetic: { type: 'string' },
  seed: { type: 'string' },
  resume: { type: 'boolean', default: false },
  restart: { type: 'boolean', default: false },
  concurrency: { type: 'string', default: '4' },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** Each takes a connection; with more, the processor or the disk is what is waited for. */
const MOST_AT_ONCE = 32;
const MOST_PATIENTS = 10_000_000;

/** Throws what parseArgs throws; a sentence tells what else is not understood. */
export function readRequest(args: string[]): LoadRequest | string {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { tenant, restart, synthetic } = values;
  const patients = wholeNumber(synthetic ?? '1', 1, MOST_PATIENTS);
  const seed = wholeNumber(values.seed ?? '1', 0, 0xffff_ffff);
  const concurrency = wholeNumber(values.concurrency, 1, MOST_AT_ONCE);
  if (restart && values.resume) return 'Either --resume or --restart.';
  if (patients === undefined) return `--synthetic takes 1 to ${MOST_PATIENTS} patients.`;
  if (seed === undefined) return '--seed takes a whole number, 0 or more.';
  if (concurrency === undefined) return `--concurrency takes 1 to ${MOST_AT_ONCE}.`;
  if (synthetic === undefined && values.seed !== undefined) return '--seed goes with --synthetic.';
  if (synthetic === undefined && positionals.length === 0)
    return 'Load what? Name files or folders.';
  if (synthetic !== undefined && positionals.length > 0) {
    return 'Either files or --synthetic: one after the other.';
  }
  return {
    paths: positionals,
    synthetic: synthetic === undefined ? undefined : { patients, seed },
    ...{ tenant, restart, dryRun: values['dry-run'], concurrency },
  };
}

/** Another load, another name; the same one, wherever it is started from, the same. */
export function aboutRequest({ paths, synthetic }: LoadRequest): string[] {
  if (synthetic !== undefined) return ['synthetic', `${synthetic.patients}`, `${synthetic.seed}`];
  return paths.map((path) => resolve(path)).sort();
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
