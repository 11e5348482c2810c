import type { DefinitionSource } from '../definition-source.ts';
import { resourceTypes } from '../definitions.ts';
import type { Issue } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import { profileIssues } from './profile-issues.ts';

/** What is wrong with a resource as a definition of others; nothing for any other resource. */
export function definitionIssues(resource: JsonObject, definitions: DefinitionSource): Issue[] {
  const { resourceType } = resource;
  if (resourceType === 'StructureDefinition') return profileIssues(resource, definitions);
  return resourceType === 'SearchParameter' ? expressionIssues(resource) : [];
}

/** R4 searchparameter.html: the expression is over the bases. */
function expressionIssues({ base, expression }: JsonObject): Issue[] {
  if (typeof expression !== 'string' || !Array.isArray(base)) return [];
  if (base.some((one) => one === 'Resource' || one === 'DomainResource')) return [];
  const foreign = startsOf(expression).find((start) => !base.includes(start));
  if (foreign === undefined) return [];
  const text = `The expression starts at ${foreign}, which is no base of the parameter.`;
  return [{ severity: 'error', code: 'invalid', expression: 'SearchParameter.expression', text }];
}

/** The resource types its branches start at. */
function startsOf(expression: string): string[] {
  const branches = expression.split('|');
  const starts = branches.flatMap((branch) => /^[\s(]*([A-Z]\w+)/.exec(branch)?.[1] ?? []);
  return starts.filter((start) => resourceTypes.has(start));
}
