import type { Reply } from '../../platform/http/route.ts';
import { versionHeaders } from './fhir-call.ts';
import type { Outcome } from './interaction.ts';
import type { Preference } from './prefer.ts';
import type { Store } from './store.ts';
import { unknownProfileHeader, unknownProfileIssues } from './validate/unknown-profile.ts';

type Asked = {
  readonly store: Store;
  readonly preference: Preference;
  /** The answer is that of an earlier request with the same Idempotency-Key. */
  readonly replayed: boolean;
};

/**
 * FHIR R4 http.html#create, #update, #delete: Location names the version that now is; the body is
 * what `Prefer: return` asks for, the record unless it says otherwise.
 */
export function writeReply({ store, preference, replayed }: Asked, outcome: Outcome): Reply {
  const { status, json } = outcome;
  const headers = { ...headersOf(store, outcome), ...writeHeaders(preference, replayed) };
  if (preference.validateOnly) return { status: 200, headers, body: rehearsed(outcome) };
  if (preference.return === 'OperationOutcome') {
    // 204 has no body: with one it is 200 (FHIR R4 http.html#delete).
    return { status: status === 204 ? 200 : status, headers, body: said(wordOf(outcome), outcome) };
  }
  if (!showsRecord(preference) || json === undefined) return { status, headers };
  return { status, headers, body: json };
}

export function showsRecord(preference: Preference): boolean {
  return preference.return === undefined || preference.return === 'representation';
}

/** RFC 7240 section 3: what of the preferences changed the answer beyond its body. */
export function writeHeaders(preference: Preference, replayed: boolean): Record<string, string> {
  return {
    ...(preference.validateOnly ? { 'preference-applied': 'validate-only' } : {}),
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  };
}

function headersOf(
  store: Store,
  { status, applied, unknownProfiles }: Outcome,
): Record<string, string> {
  const { type, id, version, updatedAt } = applied;
  if (version === undefined) return {};
  if (status === 204) return { etag: `W/"${version}"` };
  const location = `${store.baseUrl}/${type}/${id}/_history/${version}`;
  return {
    location,
    ...versionHeaders(version, updatedAt),
    ...unknownProfileHeader(unknownProfiles),
  };
}

function rehearsed(outcome: Outcome): object {
  const { status, applied } = outcome;
  const { type, id, version, indexed } = applied;
  const rows = indexed === undefined ? '' : `, with ${indexed} index rows`;
  const what = version === undefined ? 'nothing' : `${type}/${id} version ${version}${rows}`;
  return said(`Would answer ${status}: ${wordOf(outcome)} ${what}. Nothing was kept.`, outcome);
}

function wordOf({ status, applied }: Outcome): string {
  if (status === 201) return 'Created';
  if (status === 204)
    return applied.version === undefined ? 'There was nothing to delete' : 'Deleted';
  return 'Done';
}

/** One sentence as an OperationOutcome, and what else is to be told of the write. */
export function said(text: string, { unknownProfiles }: Partial<Outcome> = {}): object {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      { severity: 'information', code: 'informational', diagnostics: text, details: { text } },
      ...unknownProfileIssues(unknownProfiles),
    ],
  };
}
