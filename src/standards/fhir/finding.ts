import type { Issue, IssueType } from './issue.ts';

/** Enough to mend a resource by; more would only make the answer large. */
const mostIssues = 50;

/** Collects issues during a walk. Where the walk stands is two flat arrays; text is made when an issue is found. */
export class Findings {
  readonly issues: Issue[] = [];
  /** True once no more issues are taken: the walk may stop. */
  full = false;
  #names: string[] = [];
  #indexes: number[] = [];
  #depth = 0;

  enter(name: string): void {
    this.#names[this.#depth] = name;
    this.#indexes[this.#depth++] = -1;
  }

  /** Which repetition of the element entered last; -1: the element as a whole. */
  at(index: number): void {
    this.#indexes[this.#depth - 1] = index;
  }

  leave(): void {
    this.#depth--;
  }

  get depth(): number {
    return this.#depth;
  }

  error(code: IssueType, text: string): void {
    if (this.full) return;
    const expression = this.#expression();
    this.issues.push({ severity: 'error', code, expression, text });
    if (this.issues.length < mostIssues) return;
    this.full = true;
    const stopped = `Checking stopped after ${mostIssues} issues; mend these and try again.`;
    const root = this.#names[0] ?? '';
    this.issues.push({ severity: 'error', code: 'too-costly', expression: root, text: stopped });
  }

  #expression(): string {
    let text = '';
    for (let level = 0; level < this.#depth; level++) {
      const index = this.#indexes[level] ?? -1;
      text += (level > 0 ? '.' : '') + this.#names[level] + (index >= 0 ? `[${index}]` : '');
    }
    return text;
  }
}
