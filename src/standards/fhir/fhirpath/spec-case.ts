import { compileFhirPath, type FhirNode, FhirPathRefused } from './fhirpath.ts';

/** What an expression finds: its values, or the code it is refused with. */
export type SpecCase = [expression: string, ...values: unknown[]] | [string, { refused: string }];

export const now = new Date('2024-02-29T12:30:45.678Z');

/** The values, numbers as their text so that 1.0 is not 1; or the code of the refusal. */
export function outcome(expression: string, input: FhirNode): unknown[] {
  try {
    const nodes = compileFhirPath(expression).evaluate(input, { now });
    return nodes.map(({ value }) => (JSON.isRawJSON(value) ? `#${value.rawJSON}` : value));
  } catch (error) {
    if (error instanceof FhirPathRefused) return [{ refused: error.code }];
    throw error;
  }
}
