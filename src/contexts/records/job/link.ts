import type { Phi, SubjectKey } from '#phi';
import type { Call } from '../../../platform/http/route.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import { Problem } from '../../../platform/problem.ts';

/** An hour to begin a download; whoever asks for the manifest again gets links anew. */
const LIVES_MS = 3_600_000;

type LinkParts = { database: Database; phi: Phi; now: () => Date };
type Content = Linked & { until: number };

/** What a link opens, and as whom. */
export type Linked = { readonly job: string; readonly file: string; readonly caller: Caller };

/**
 * An address that opens one file for an hour without a token: for a worker that fetches files on
 * its owner's behalf. Sealed under the tenant's own key, so that nobody can make or read one.
 */
export async function linkTo(parts: LinkParts, { job, file, caller }: Linked): Promise<string> {
  const { tenant } = caller.principal;
  const { principal, purpose } = caller;
  // Where the link was made is of no use where it is called.
  const owner: Caller = { principal, purpose, ip: '', agent: '', correlation: '' };
  const content: Content = { job, file, caller: owner, until: parts.now().getTime() + LIVES_MS };
  const key = await ownKey(parts, tenant);
  const sealed = key.seal(Buffer.from(JSON.stringify(content)), 'answer-link');
  return `${tenant}.${sealed.toString('base64url')}`;
}

/** undefined: not one of ours, or too old. The audit names the owner, from where it was called. */
export async function openLink(
  parts: LinkParts,
  link: string,
  { ip, agent, correlation }: Pick<Call, 'ip' | 'agent' | 'correlation'>,
): Promise<Linked | undefined> {
  const [, tenant = '', sealed = ''] = /^(\d{1,9})\.([\w-]{1,8192})$/.exec(link) ?? [];
  if (sealed === '') return undefined;
  try {
    const key = await ownKey(parts, Number(tenant));
    const opened = key.open(Buffer.from(sealed, 'base64url'), 'answer-link');
    const { job, file, until, caller } = JSON.parse(opened.toString('utf8')) as Content;
    if (until < parts.now().getTime()) return undefined;
    return { job, file, caller: { ...caller, ip, agent, correlation } };
  } catch (error) {
    // No such tenant, or not sealed by us.
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

async function ownKey({ database, phi }: LinkParts, tenant: number): Promise<SubjectKey> {
  const cached = phi.cachedKeys(tenant, [0n]);
  const keys = cached ?? (await database.transaction(tenant, (tx) => phi.keys(tx, [0n], 'refuse')));
  return keys.of(0n);
}
