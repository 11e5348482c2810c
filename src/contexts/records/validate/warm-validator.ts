import { tenantValidator, type Validating } from './tenant-validator.ts';

/**
 * What most records have: name, codes with bindings, a quantity, a reference, narrative of none.
 * Compiling their types and reading their value sets takes about 20 ms, which the first caller of
 * `$validate` would wait for.
 */
const usual: readonly object[] = [
  {
    resourceType: 'Patient',
    identifier: [{ use: 'usual', system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.3' }],
    name: [{ use: 'official', family: 'a', given: ['b'] }],
    telecom: [{ system: 'phone', use: 'home', value: '1' }],
    address: [{ use: 'home', city: 'a' }],
    gender: 'female',
    birthDate: '1970-01-01',
  },
  {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: 'Patient/1' },
    effectiveDateTime: '2020-01-01T00:00:00Z',
    valueQuantity: { value: 1, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  },
];

export async function warmValidator(parts: Validating, tenant: number): Promise<void> {
  const { validator } = await tenantValidator(parts, tenant);
  for (const resource of usual) validator.validate(resource, { now: parts.now() });
}
