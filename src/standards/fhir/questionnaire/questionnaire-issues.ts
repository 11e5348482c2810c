import type { DefinitionSource } from '../definition-source.ts';
import type { Issue } from '../issue.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { CodeSets } from '../terminology/code-set.ts';
import { objectsIn } from './item.ts';
import { responseIssues } from './response.ts';

type Parts = { readonly definitions: DefinitionSource; readonly codeSets: CodeSets };

/**
 * Issues of a QuestionnaireResponse against the Questionnaire it names, or of those in a Bundle. A
 * questionnaire that is not known here is told as a warning. Nothing for any other resource.
 */
export function questionnaireIssues(resource: JsonObject, parts: Parts): Issue[] {
  const { resourceType } = resource;
  if (resourceType === 'QuestionnaireResponse') return ofResponse(resource, parts, resourceType);
  if (resourceType !== 'Bundle') return [];
  return objectsIn(resource['entry']).flatMap((entry, index) => {
    const inner = entry['resource'];
    if (!isJsonObject(inner) || inner['resourceType'] !== 'QuestionnaireResponse') return [];
    return ofResponse(inner, parts, `Bundle.entry[${index}].resource`);
  });
}

function ofResponse(response: JsonObject, { definitions, codeSets }: Parts, at: string): Issue[] {
  const canonical = response['questionnaire'];
  if (typeof canonical !== 'string') return [];
  const questionnaire = canonical.startsWith('#')
    ? objectsIn(response['contained']).find(({ id }) => id === canonical.slice(1))
    : definitions.find('Questionnaire', canonical);
  if (questionnaire === undefined) {
    const text = 'The questionnaire is not known here; the answers were not checked against it.';
    return [{ severity: 'warning', code: 'not-found', expression: `${at}.questionnaire`, text }];
  }
  return responseIssues(response, questionnaire, { codeSets, at });
}
