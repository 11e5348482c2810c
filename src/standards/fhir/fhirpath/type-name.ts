import { baseType, typeSchema } from '../definitions.ts';
import { FhirPathRefused, nameForMessage } from './refused.ts';

const systemNames = new Set([
  'Any',
  'Boolean',
  'String',
  'Integer',
  'Decimal',
  'Date',
  'DateTime',
  'Time',
  'Quantity',
]);

/** Constraints on Quantity that R4 uses as if they were types (datatypes.html#quantity). */
const quantityNames = new Set(['SimpleQuantity', 'MoneyQuantity']);

/** Tells of a node's type whether it is the type asked for, or derived from it. */
export type TypeTest = (type: string) => boolean;

/**
 * The test for a type specifier: Patient, FHIR.Patient, System.String, Integer.
 *
 * @throws {FhirPathRefused} for a name that neither R4 nor FHIRPath defines.
 */
export function typeTest(specifier: string, at: number): TypeTest {
  const [first = '', second] = specifier.split('.');
  const name = second ?? first;
  const system = first === 'System' || second === undefined;
  const fhir = first === 'FHIR' || second === undefined;
  const backbone = second !== undefined && typeSchema(specifier) ? specifier : undefined;
  const isSystem = system && systemNames.has(name);
  const fhirName = backbone ?? (fhir ? fhirType(name) : undefined);
  if (!isSystem && fhirName === undefined && first !== 'System') {
    throw new FhirPathRefused('unknown-type', `no type${nameForMessage(name)} in R4.`, at);
  }
  const systemName = `System.${name}`;
  const answers = new Map<string, boolean>();
  return (type) => {
    const known = answers.get(type);
    if (known !== undefined) return known;
    const answer = type.startsWith('System.')
      ? isSystem && (type === systemName || name === 'Any')
      : fhirName !== undefined && derivesFrom(type, fhirName);
    answers.set(type, answer); // a type of R4: at most 700
    return answer;
  };
}

function fhirType(name: string): string | undefined {
  if (quantityNames.has(name)) return 'Quantity';
  return typeSchema(name) ? name : undefined;
}

function derivesFrom(type: string, name: string): boolean {
  for (let at: string | undefined = type; at !== undefined; at = baseType(at)) {
    if (at === name) return true;
  }
  return false;
}
