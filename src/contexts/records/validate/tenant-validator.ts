import type { CodeSets } from '../../../standards/fhir/terminology/code-set.ts';
import { openValidator, type Validator } from '../../../standards/fhir/validate/validate.ts';
import type { TenantDefinitions } from '../definition/definitions.ts';
import type { Store } from '../store.ts';

/** A validator and what it knows. */
export type TenantValidator = {
  readonly validator: Validator;
  readonly definitions: TenantDefinitions;
};

export type Validating = Pick<Store, 'definitions' | 'terminology' | 'now'>;

/** Made once for each state of a tenant's definitions; those without their own share one. */
const made = new WeakMap<TenantDefinitions, TenantValidator & { codeSets: CodeSets }>();

export async function tenantValidator(
  { definitions, terminology }: Validating,
  tenant: number,
): Promise<TenantValidator> {
  const source = await definitions.of(tenant);
  const codeSets = await terminology.codeSets(tenant);
  const known = made.get(source);
  if (known?.codeSets === codeSets) return known;
  const validator = openValidator({ definitions: source, codeSets });
  const one = { definitions: source, codeSets, validator };
  made.set(source, one);
  return one;
}
