import type { Problem } from '../../../platform/problem.ts';
import { type Source, sourceText } from './batch.ts';

/**
 * `patients.ndjson:42 · Patient · what is wrong (Patient.birthDate)`. File names may be a
 * patient's: for the person in front, not for a log. What is wrong quotes nothing of the record.
 */
export function refusalLine(source: Source, label: string, problem: Problem): string {
  const [first, ...more] = problem.issues;
  const text = first?.text ?? problem.detail;
  const expression = first?.expression ?? '';
  const inner = label.startsWith('Bundle of')
    ? expression
    : expression.replace(/^Bundle\.entry\[\d+\]\.resource/, label);
  const where = inner === '' ? '' : ` (${inner})`;
  const rest = more.length === 0 ? '' : `, and ${more.length} more`;
  return `${sourceText(source)} · ${label} · ${text}${where}${rest}`;
}
