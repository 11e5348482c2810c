export type Told = {
  readonly severity: 'error' | 'warning' | 'information';
  readonly text: string;
};

/** One OperationOutcome of an error file. */
export function outcomeLine({ severity, text }: Told): Buffer {
  const code = severity === 'error' ? 'incomplete' : 'informational';
  const issue = [{ severity, code, details: { text }, diagnostics: text }];
  return Buffer.from(JSON.stringify({ resourceType: 'OperationOutcome', issue }));
}
