import { hash } from 'node:crypto';
import {
  asTransaction,
  defaultAsOf,
  population,
  providers,
  type Resource,
} from '../../../standards/population/index.ts';
import type { Batch } from './batch.ts';
import type { BatchSource } from './load.ts';

/**
 * A synthetic population as batches to load, one patient at a time: first those who give care, then
 * each patient's whole record as a transaction. The same seed gives the same records everywhere.
 */
export function syntheticBatches(patients: number, seed: number): BatchSource {
  return async function* batches({ done, only }) {
    const file = `synthetic patients, seed ${seed}`;
    const key = `synthetic-${seed}-${patients}-${defaultAsOf}`;
    const upTo = done?.get(key) ?? 0;
    let ordinal = 0;
    for (const resources of recordsOf(patients, seed)) {
      ordinal += 1;
      if (ordinal <= upTo || only?.get(key)?.has(ordinal) === false) continue;
      const bundle = asTransaction(resources);
      const text = JSON.stringify(bundle);
      const digest = hash('sha256', text, 'buffer');
      const source = { file, line: ordinal };
      // A byte of the bar is a patient, of whom the providers are none.
      const progress = { bytesRead: ordinal - 1, bytesTotal: patients };
      yield {
        ...{ kind: 'bundle', position: { key, ordinal }, ...progress },
        unit: { source, ordinal, digest, bytes: text.length, resource: { ...bundle } },
      } satisfies Batch;
    }
  };
}

function* recordsOf(patients: number, seed: number): Generator<readonly Resource[]> {
  yield providers(seed);
  for (const { resources } of population({ seed, patients })) yield resources;
}
