import { Random } from '../../src/standards/population/random.ts';

/** How often each generator is asked; a day of fuzzing is a number with six digits. */
export const runs = Number(process.env['MEDCONNECT_TEST_FUZZ_RUNS'] ?? 300);

/** Told by the test that uses it: MEDCONNECT_TEST_FUZZ_SEED repeats a run. */
export const seed = Number(process.env['MEDCONNECT_TEST_FUZZ_SEED'] ?? Date.now() % 1_000_000);

export function randomAt(index: number, stream: number): Random {
  return new Random(seed, index, stream);
}
