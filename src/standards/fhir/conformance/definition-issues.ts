import type { DefinitionSource } from '../definition-source.ts';
import type { Issue } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import { profileIssues } from './profile-issues.ts';
import { searchParameterIssues } from './search-parameter-issues.ts';

/** What is wrong with a resource as a definition of others; nothing for any other resource. */
export function definitionIssues(resource: JsonObject, definitions: DefinitionSource): Issue[] {
  const { resourceType } = resource;
  if (resourceType === 'StructureDefinition') return profileIssues(resource, definitions);
  return resourceType === 'SearchParameter' ? searchParameterIssues(resource) : [];
}
