import type { Database } from '../../platform/postgres/database.ts';
import { chained, keyAt, keyCount, leafAt, startOf } from './batch.ts';
import { type CheckpointSigner, originOf } from './checkpoint-signer.ts';
import { lastPlace } from './last-place.ts';
import { leafContent, type StoredEvent } from './leaf.ts';
import { unpackId } from './packed-id.ts';
import { type LogPage, readLog } from './read-log.ts';
import { newestCheckpoint } from './sign.ts';
import { type ExportHeader, type ExportLine, exportFormat } from './verify/export-line.ts';

/**
 * A tenant's whole sequenced log as lines of JSON (see verify/export-line.ts), about 800 bytes
 * each.
 */
export async function* exportAudit(
  database: Database,
  signer: CheckpointSigner,
  tenant: number,
): AsyncGenerator<string> {
  yield `${JSON.stringify(await headerOf(database, signer, tenant))}\n`;
  let { chain } = startOf(tenant);
  for await (const page of readLog(database, tenant)) {
    const found = new Map(page.events.map((event) => [nameOf(event), event]));
    let text = '';
    for (const batch of page.batches) {
      const count = Math.floor(keyCount(batch.events));
      for (let index = 0; index < count; index += 1) {
        const seq = Number(batch.first_seq) + index;
        const leaf = leafAt(batch.leaves, index);
        chain = chained(chain, leaf, seq);
        const event = found.get(nameOf(keyAt(batch.events, index)));
        const line = lineOf(tenant, page, event);
        const hashes = { leaf: leaf.toString('base64'), chain: chain.toString('base64') };
        text += `${JSON.stringify({ seq, ...line, ...hashes } satisfies ExportLine)}\n`;
      }
    }
    yield text;
  }
}

async function headerOf(
  database: Database,
  signer: CheckpointSigner,
  tenant: number,
): Promise<ExportHeader> {
  const origin = originOf(tenant);
  const { size, checkpoint } = await database.transaction(tenant, async (tx) => {
    const [newest, place] = await Promise.all([newestCheckpoint(tx), lastPlace(tx)]);
    return { size: place.seq, checkpoint: newest?.note ?? '' };
  });
  return {
    format: exportFormat,
    origin,
    tenant,
    size,
    checkpoint,
    key: signer.verifierKey(origin),
  };
}

function nameOf({ xid, nth }: { xid: bigint; nth: number }): string {
  return `${xid}-${nth}`;
}

function lineOf(tenant: number, page: LogPage, event: StoredEvent | undefined) {
  if (event === undefined) return { event: null };
  const patient = unpackId(event.patient_id);
  const resource = unpackId(event.resource_id);
  const ids = {
    ...(patient === '' ? {} : { patient_id: patient }),
    ...(resource === '' ? {} : { resource_id: resource }),
  };
  return { event: leafContent(tenant, event, page.actors.get(event.actor)), ids };
}
