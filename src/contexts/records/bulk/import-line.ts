import type { Problem } from '../../../platform/problem.ts';
import type { Source } from '../load/batch.ts';

/** One line that was not stored: which one, and why; never a word of it. */
export function refusedLine(source: Source, label: string, problem: Problem): Buffer {
  const place = [{ url: 'urn:medconnect:line', valueString: placeOf(source) }];
  const issues = problem.issues.length > 0 ? problem.issues : [whole(problem)];
  return Buffer.from(
    JSON.stringify({
      resourceType: 'OperationOutcome',
      extension: place,
      issue: issues.slice(0, 20).map(({ severity, code, text, expression }) => ({
        ...{ severity, code, details: { text } },
        diagnostics: `${placeOf(source)} · ${label} · ${text}`,
        ...(expression === undefined ? {} : { expression: [expression] }),
      })),
    }),
  );
}

function whole({ kind, detail }: Problem) {
  return { severity: 'error' as const, code: kind.issue, text: detail, expression: undefined };
}

/** `input 2, line 17`: an address may hold more than is meant for a file of errors. */
function placeOf({ file, line }: Source): string {
  return `${file}${line === undefined ? '' : `, line ${line}`}`;
}
