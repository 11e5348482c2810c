import type { Scratch } from './harness/scratch.ts';

/** What a claim is run with. */
export type Bench = {
  readonly scratch: Scratch;
  /** How often each figure is taken; the median counts. */
  readonly runs: number;
  /** Seconds of load per run. */
  readonly seconds: number;
  /** Resources in the store, each measured, for claims that say how they scale. */
  readonly sizes: readonly number[];
  say(line: string): void;
};

/** One thing the project says about its speed or size, and how it is measured. */
export type Claim = {
  readonly name: string;
  readonly summary: string;
  run(bench: Bench): Promise<Figure[]>;
};

export type Goal = {
  readonly of: 'value' | 'ratio';
  readonly bound: 'least' | 'most';
  readonly target: number;
};

/** One figure: every run of it, and beside each what the machine itself could do in that run. */
export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly runs: readonly number[];
  readonly limits?: readonly number[];
  /** What the limit is, for the reader of the table. */
  readonly against?: string;
  readonly goal?: Goal;
};

/** As it stands in the JSON file. */
export type Result = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number | null;
  /** Median of value ÷ limit run by run: what slows the machine slows both. */
  readonly ratio: number | null;
  readonly runs: readonly number[];
  readonly limits: readonly number[];
  readonly against: string | null;
  readonly goal: Goal | null;
  readonly met: boolean | null;
};

export function resultOf(figure: Figure): Result {
  const { name, unit, runs, limits = [], goal } = figure;
  const value = median(runs);
  const ratios = runs.flatMap((run, at) => {
    const limit = limits[at];
    return limit === undefined || limit === 0 ? [] : [run / limit];
  });
  const ratio = ratios.length === 0 ? null : median(ratios);
  return {
    ...{ name, value, unit, ratio, runs, limits },
    limit: limits.length === 0 ? null : median(limits),
    against: figure.against ?? null,
    goal: goal ?? null,
    met: goal === undefined ? null : isMet(goal, goal.of === 'value' ? value : ratio),
  };
}

function isMet({ bound, target }: Goal, measured: number | null): boolean {
  if (measured === null) return false;
  return bound === 'least' ? measured >= target : measured <= target;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}
