import type { Issue, IssueType } from '../issue.ts';
import type { JsonObject } from '../json-object.ts';

/** Levels of elements; the JSON reader lets at most 128 levels of JSON through. */
export const deepest = 200;

/** Enough to mend a resource by, apart for errors and for the rest; more would only be large. */
const mostIssues = 200;

/** A resource that contained ones belong to: the whole, or one of a Bundle's or Parameters'. */
export type Container = {
  resource: JsonObject;
  type: string;
  /** Depth of the resource in the walk. */
  depth: number;
  /** `#id` references met on the way, checked when all of the resource was seen. */
  local: LocalReference[];
};

export type LocalReference = {
  id: string;
  expression: string;
  targets: ReadonlySet<string> | undefined;
  /** A Reference must resolve (ref-1); a uri may be something else. */
  must: boolean;
  /** Position of the contained resource it stands in; -1: not in one. */
  inside: number;
};

/** What a walk goes into: FHIRPath name and R4 type. */
export type Step = { name: string; type: string; path: string };

const nowhere: Step = { name: '', type: '', path: '' };

/**
 * Where a walk stands and what it found. Two flat arrays hold the place: its text is made only when
 * there is something to tell.
 */
export class Place {
  /** What was entered at each depth. */
  readonly step: Step[] = new Array(deepest + 56).fill(nowhere);
  /** Which repetition; -1: the element does not repeat, or as a whole. */
  readonly index = new Int32Array(deepest + 56);
  issues: Issue[] = [];
  #errors = 0;
  #others = 0;

  restart(): void {
    this.issues = [];
    this.#errors = 0;
    this.#others = 0;
  }

  /** Restricted FHIRPath of what was entered at this depth: Patient.name[0]. */
  expression(depth: number): string {
    let text = '';
    for (let level = 0; level <= depth; level++) {
      const name = this.step[level]?.name;
      const index = this.index[level] ?? -1;
      text += (level > 0 ? '.' : '') + name + (index >= 0 ? `[${index}]` : '');
    }
    return text;
  }

  error(code: IssueType, depth: number, text: string): void {
    if (this.#errors <= mostIssues) this.tell('error', code, this.expression(depth), text);
  }

  warning(code: IssueType, depth: number, text: string): void {
    if (this.#others <= mostIssues) this.tell('warning', code, this.expression(depth), text);
  }

  information(code: IssueType, depth: number, text: string): void {
    if (this.#others <= mostIssues) this.tell('information', code, this.expression(depth), text);
  }

  tell(severity: Issue['severity'], code: IssueType, expression: string, text: string): void {
    const count = severity === 'error' ? ++this.#errors : ++this.#others;
    if (count < mostIssues) this.issues.push({ severity, code, expression, text });
    else if (count === mostIssues) this.issues.push(tooMany(severity, expression));
  }

  /** What the check tells, without telling it: for slices that are found by trying. */
  attempt(check: () => void): Issue[] {
    const { issues } = this;
    const errors = this.#errors;
    const others = this.#others;
    this.restart();
    check();
    const found = this.issues;
    this.issues = issues;
    this.#errors = errors;
    this.#others = others;
    return found;
  }
}

function tooMany(severity: Issue['severity'], expression: string): Issue {
  const what = severity === 'error' ? 'errors' : 'warnings';
  const text = `More than ${mostIssues} ${what}: the rest is not told; mend these and try again.`;
  return { severity, code: 'too-costly', expression: expression.split('.')[0] ?? '', text };
}
