import { resourceTypes as r4 } from '../../standards/fhir/definitions.ts';
import { codeList } from './code-list.ts';

/** R4 is closed: a type's place in the sorted list is its number in the rows. */
export const resourceTypes = codeList([...r4].sort());
