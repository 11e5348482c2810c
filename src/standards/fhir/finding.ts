import type { Issue, IssueType } from './issue.ts';
import { Trail } from './trail.ts';

/** Enough to mend a resource by; more would only make the answer large. */
const mostIssues = 50;

/** Collects issues at the places a walk comes to. */
export class Findings extends Trail {
  readonly issues: Issue[] = [];
  /** True once no more issues are taken: the walk may stop. */
  full = false;

  error(code: IssueType, text: string): void {
    if (this.full) return;
    this.issues.push({ severity: 'error', code, expression: this.toString(), text });
    if (this.issues.length < mostIssues) return;
    this.full = true;
    const stopped = `Checking stopped after ${mostIssues} issues; mend these and try again.`;
    this.issues.push({
      severity: 'error',
      code: 'too-costly',
      expression: this.root,
      text: stopped,
    });
  }
}
