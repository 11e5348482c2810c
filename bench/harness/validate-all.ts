// A process of its own: what the first validation takes, and what all of R4 compiled holds.
import { resourceTypes } from '../../src/standards/fhir/definitions.ts';
import { openTerminology } from '../../src/standards/fhir/terminology/terminology.ts';
import { baseDefinitions } from '../../src/standards/fhir/validate/r4-definition.ts';
import { openValidator } from '../../src/standards/fhir/validate/validate.ts';
import { explanationOfBenefit, observation, patient } from './validated.ts';

const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1e6;
};
const before = rss();
const began = performance.now();
const codeSets = openTerminology({ definitions: baseDefinitions });
const validator = openValidator({ definitions: baseDefinitions, codeSets });
validator.validate(patient);
const firstMs = performance.now() - began;
for (const resourceType of resourceTypes) validator.validate({ resourceType });
for (const one of [observation, explanationOfBenefit()]) validator.validate(one);
process.stdout.write(`${JSON.stringify({ firstMs, megabytes: rss() - before })}\n`);
