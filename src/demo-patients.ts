import { load, type Records, syntheticBatches } from '#records';
import type { LoadDemo } from './demo.ts';
import { loadingCaller } from './loading-caller.ts';
import { Halt } from './platform/halt.ts';
import { patient } from './standards/population/index.ts';
import type { Say } from './store.ts';

const PATIENTS = 20;
const SEED = 1;

/** The demo's patients, the same everywhere; those that are there already are left as they are. */
export function demoPatients({ store }: Records, say: Say): LoadDemo {
  return async (tenant) => {
    const sum = await load({
      batches: syntheticBatches(PATIENTS, SEED),
      target: { store, caller: loadingCaller(tenant) },
      baseUrl: store.baseUrl,
      concurrency: 4,
    });
    if (sum.refused > 0) throw new Halt(`${sum.refused} of the demo's own patients were refused.`);
    const seconds = (sum.elapsedMs / 1000).toFixed(1);
    say(`Loaded ${PATIENTS} synthetic patients (${sum.resources} records, ${seconds} s).`);
    return { patient: patient(SEED, 0).patient };
  };
}
