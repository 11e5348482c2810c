/** Named in the header: enough to mend by, and no header grows beyond what proxies take. */
const mostNamed = 5;

type Unknown = readonly string[] | undefined;

/** Says in an answer that what was written claims profiles nobody here could look at. */
export function unknownProfileHeader(unknown: Unknown): Record<string, string> {
  if (unknown === undefined || unknown.length === 0) return {};
  const named = unknown
    .slice(0, mostNamed)
    .map((url) => encodeURI(url.slice(0, 200).toWellFormed()));
  const more = unknown.length > mostNamed ? [`and ${unknown.length - mostNamed} more`] : [];
  return { 'unknown-profile': [...named, ...more].join(', ') };
}

/** The same as issues of an OperationOutcome. */
export function unknownProfileIssues(unknown: Unknown): object[] {
  return (unknown ?? []).map((url) => {
    const text = `The profile ${url.slice(0, 200)} is not known here; it was not checked.`;
    return { severity: 'warning', code: 'not-found', diagnostics: text, details: { text } };
  });
}
