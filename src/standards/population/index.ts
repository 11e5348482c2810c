export type { SyntheticPatient } from './population.ts';
export { defaultAsOf, patient, population, providers } from './population.ts';
export type { Resource } from './resource.ts';
export { asTransaction } from './transaction.ts';
