import type { Issue } from './issue.ts';

export type OperationOutcome = {
  resourceType: 'OperationOutcome';
  issue: {
    severity: Issue['severity'];
    code: Issue['code'];
    details: { text: string };
    expression?: [string];
  }[];
};

/**
 * The OperationOutcome that tells these issues (R4 operationoutcome.html); with none, that all is
 * well.
 */
export function operationOutcome(issues: readonly Issue[]): OperationOutcome {
  const told: readonly Issue[] = issues.length
    ? issues
    : [{ severity: 'information', code: 'informational', expression: '', text: 'All OK' }];
  return {
    resourceType: 'OperationOutcome',
    issue: told.map(({ severity, code, expression, text }) => ({
      severity,
      code,
      details: { text },
      ...(expression && { expression: [expression] as [string] }),
    })),
  };
}
