// A thread of an export: reads, opens, joins and seals, so that the server's own thread is free.
import { parentPort, workerData } from 'node:worker_threads';
import { localKeyProvider, openPhi } from '#phi';
import { openCopyReader } from '../../../platform/postgres/copy-out.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import type { PartOrder, ThreadStart, Told } from './part.ts';
import { writePart } from './write-part.ts';

/** Ten minutes for a part of 25,000 records: documents of megabytes each, on a slow disk. */
const PATIENCE_MS = 600_000;

const start = workerData as ThreadStart;
const settings = { ...start.database, statementTimeoutMs: PATIENCE_MS };
const database = openDatabase({ ...settings, connections: 1 });
const phi = openPhi(database, await localKeyProvider(start.keyring));
const reader = await openCopyReader({ ...settings, connections: 1 }, PATIENCE_MS);
await reader.run(`set app.tenant = '${Math.trunc(start.tenant)}'`);

parentPort?.on('message', (order: PartOrder | 'end') => {
  if (order === 'end') {
    void Promise.all([reader.close(), database.close()]).then(() => parentPort?.close());
    return;
  }
  writePart({ start, database, phi, reader }, order).then(
    (sum) => tell({ sum }),
    (error: unknown) => tell({ error }),
  );
});
tell({ ready: true });

function tell(message: Told): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}
