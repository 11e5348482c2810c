import { searchParameters } from './parameter.ts';

/**
 * Whether a string parameter's values have rows of trigrams: those of names and addresses, and of
 * what is not a patient's record. A note of an Observation has none: they would double its rows.
 */
export function hasTrigrams(type: string, param: string): boolean {
  const parameters = searchParameters(type);
  const plans = parameters.get(param)?.plans ?? [];
  if (plans.some(([, datatype]) => datatype === 'part')) return true;
  return plans.length > 0 && !parameters.has('patient') && !parameters.has('subject');
}
