import type { JsonObject } from './json-object.ts';

/** The conformance resources that validation and terminology look up by their canonical url. */
export type DefinitionType =
  | 'StructureDefinition'
  | 'ValueSet'
  | 'CodeSystem'
  | 'ConceptMap'
  | 'Questionnaire';

/**
 * Where definitions come from. `canonical` is a url, or url|version (R4 references.html#canonical);
 * without a version the newest is meant. undefined: not known here.
 */
export type DefinitionSource = {
  find(type: DefinitionType, canonical: string): JsonObject | undefined;
};
