import type { Caller } from '../../platform/principal.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import { guarded } from './allow.ts';
import { readRecord } from './read.ts';
import type { Store } from './store.ts';

/** A stored definition for an operation on it: decided and audited as the read it is. */
export async function readDefinition(
  store: Store,
  caller: Caller,
  { type, id }: { type: string; id: string },
): Promise<JsonObject> {
  const { rendered } = await guarded(store, caller, () => readRecord({ store, caller, type, id }));
  return JSON.parse(rendered.json.toString()) as JsonObject;
}
