import type { AuditEntry } from '#audit';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { NotifiedEvent } from '../../../standards/fhir/subscription/notification.ts';
import type { Content } from '../../../standards/fhir/subscription/subscription-order.ts';
import { requestOf } from '../history-bundle.ts';
import { readEntry } from '../read.ts';
import { visibleGroups } from '../search/reach.ts';
import { showRecord } from '../search/show.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import type { EventRow } from './subscription-row.ts';
import { nameOf, versionsByRow } from './version-by-row.ts';

export type Told = {
  readonly event: NotifiedEvent;
  /** Undefined when the caller may not see the record (any more), or it is erased. */
  readonly stored: Stored | undefined;
};

type Asked = { readonly store: Store; readonly caller: Caller; readonly content: Content };

/**
 * Events as this caller may be told of them now. One whose record they may not see keeps its number
 * and says nothing else. `audit` must be durable before anything leaves.
 */
export async function toldEvents(
  asked: Asked,
  tx: Transaction,
  events: readonly EventRow[],
): Promise<{ told: Told[]; audit: AuditEntry[] }> {
  const { content, caller } = asked;
  const versions =
    content === 'empty' ? new Map<string, Stored>() : await versionsByRow(tx, events);
  const told: Told[] = [];
  const audit: AuditEntry[] = [];
  for (const row of events) {
    const bare = { number: Number(row.number), at: row.at };
    const stored = versions.get(nameOf(row));
    const seen = stored === undefined ? undefined : await seenBy(asked, tx, stored);
    if (stored === undefined || seen === undefined) {
      told.push({ event: bare, stored: undefined });
      continue;
    }
    const focus = `${asked.store.baseUrl}/${stored.type}/${stored.id}`;
    const status = stored.deleted ? '204' : stored.version === 1 ? '201' : '200';
    const { json } = seen;
    const event = {
      ...bare,
      focus,
      request: requestOf(stored),
      status,
      ...(json === undefined ? {} : { json }),
    };
    told.push({ event, stored });
    audit.push(readEntry(caller, 'read', stored, seen.groups, seen.because));
  }
  return { told, audit };
}

type Seen = { json?: string; groups: Parameters<typeof readEntry>[3]; because: string };

async function seenBy(asked: Asked, tx: Transaction, stored: Stored): Promise<Seen | undefined> {
  if (stored.deleted || asked.content !== 'full-resource') {
    const decision = await visibleGroups(asked, stored);
    return decision === undefined ? undefined : { groups: [], because: decision.because };
  }
  const shown = await showRecord(asked, tx, stored);
  if (shown === undefined) return undefined;
  return { json: shown.json.toString(), groups: shown.groups, because: shown.because };
}
