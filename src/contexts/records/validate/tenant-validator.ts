import { openTerminology } from '../../../standards/fhir/terminology/terminology.ts';
import { openValidator, type Validator } from '../../../standards/fhir/validate/validate.ts';
import type { TenantDefinitions } from '../definition/definitions.ts';
import type { Store } from '../store.ts';

/** A validator and what it knows. */
export type TenantValidator = {
  readonly validator: Validator;
  readonly definitions: TenantDefinitions;
};

/** Made once for each state of a tenant's definitions; those without their own share one. */
const made = new WeakMap<TenantDefinitions, TenantValidator>();

export async function tenantValidator(
  { definitions }: Pick<Store, 'definitions'>,
  tenant: number,
): Promise<TenantValidator> {
  const source = await definitions.of(tenant);
  const known = made.get(source);
  if (known !== undefined) return known;
  const codeSets = openTerminology({ definitions: source });
  const one = { definitions: source, validator: openValidator({ definitions: source, codeSets }) };
  made.set(source, one);
  return one;
}
