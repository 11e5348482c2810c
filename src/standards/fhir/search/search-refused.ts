/** FHIR IssueType codes a search can be refused with. */
export type SearchIssueCode = 'invalid' | 'value' | 'not-supported' | 'too-long' | 'too-costly';
/**
 * `expression` is the parameter's name. No text ever holds a parameter's value, which may be PHI.
 */
export type SearchIssue = { code: SearchIssueCode; expression?: string; text: string };

/** A search that can not be answered as asked, with every mistake found in it. */
export class SearchRefused extends Error {
  readonly issues: readonly SearchIssue[];
  /** The parameter is not known at all, so `Prefer: handling=lenient` may ignore it. */
  readonly unknown: boolean;

  constructor(issues: readonly SearchIssue[], unknown = false) {
    super(issues.map((issue) => issue.text).join(' '));
    this.name = 'SearchRefused';
    this.issues = issues;
    this.unknown = unknown;
  }
}

/** A parameter's name for an answer; 100 characters are more than any real chain has. */
export function shortName(name: string): string {
  return name.slice(0, 100);
}

export function refuse(code: SearchIssueCode, name: string, text: string): never {
  throw new SearchRefused([{ code, expression: shortName(name), text }]);
}

export function refuseUnknown(name: string, text: string): never {
  const issue: SearchIssue = { code: 'invalid', expression: shortName(name), text };
  throw new SearchRefused([issue], true);
}
