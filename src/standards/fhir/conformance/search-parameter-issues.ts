import { resourceTypes } from '../definitions.ts';
import type { Issue, IssueType } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';
import { searchParameters } from '../search/parameter.ts';

/**
 * What of a SearchParameter cannot work: a composite without two components, an expression over
 * resources that are no base of it (R4 searchparameter.html).
 */
export function searchParameterIssues(parameter: JsonObject): Issue[] {
  const { type, component, base, expression } = parameter;
  const issues: Issue[] = [];
  if (type === 'composite' && (!Array.isArray(component) || component.length < 2)) {
    issues.push(fault('business-rule', '', 'A composite parameter has two components or more.'));
  }
  const r4 = r4Kind(parameter['derivedFrom']);
  if (r4 !== undefined && type !== r4) {
    issues.push(fault('business-rule', '.type', `It is derived from one of type ${r4}.`));
  }
  if (typeof expression !== 'string' || !Array.isArray(base)) return issues;
  const foreign = startsOf(expression).find((start) => !base.includes(start));
  if (
    foreign !== undefined &&
    !base.some((one) => one === 'Resource' || one === 'DomainResource')
  ) {
    const text = `The expression starts at ${foreign}, which is no base of the parameter.`;
    issues.push(fault('invalid', '.expression', text));
  }
  return issues;
}

/** The type of the parameter of R4's own it is derived from: …/SearchParameter/Organization-name. */
function r4Kind(derivedFrom: unknown): string | undefined {
  const own = /^http:\/\/hl7\.org\/fhir\/SearchParameter\/([A-Za-z]+)-(.+)$/;
  const [, type = '', code = ''] = own.exec(String(derivedFrom)) ?? [];
  return resourceTypes.has(type) ? searchParameters(type).get(code)?.kind : undefined;
}

/** The resource types its branches start at; one over several bases names some of them each. */
function startsOf(expression: string): string[] {
  const starts = expression
    .split('|')
    .flatMap((branch) => /^[\s(]*([A-Z]\w+)/.exec(branch)?.[1] ?? []);
  return starts.filter((start) => resourceTypes.has(start));
}

function fault(code: IssueType, below: string, text: string): Issue {
  return { severity: 'error', code, expression: `SearchParameter${below}`, text };
}
