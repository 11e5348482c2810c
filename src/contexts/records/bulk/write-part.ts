import { join } from 'node:path';
import { type Phi, type SubjectKey, shortLivedKey } from '#phi';
import type { CopiedRow, CopyReader } from '../../../platform/postgres/copy-out.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { patientsOf } from '../../../standards/fhir/compartment.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import { livingKeys } from '../living-key.ts';
import type { Resource } from '../prepare.ts';
import { renderRecord } from '../render.ts';
import type { Stored } from '../stored.ts';
import { elementsOf } from './element.ts';
import type { PartFile, PartOrder, PartSum, ThreadStart } from './part.ts';
import { partQuery } from './part-query.ts';
import { openSealedFileWriter, type SealedFileWriter } from './sealed-file.ts';

export type PartWork = {
  readonly start: ThreadStart;
  readonly database: Database;
  readonly phi: Phi;
  readonly reader: CopyReader;
};

/** Bytes of sealed records held before they are opened and written. */
const HELD_BYTES = 8 * 1024 * 1024;
/** Records of one look for keys. */
const HELD_RECORDS = 2000;
/** Bytes of text in one file; a reader may want to hold one in memory. */
const FILE_BYTES = 512 * 1024 * 1024;
/** Rows named in one statement. */
const NAMED_ROWS = 5000;
const LINE_FEED = Buffer.from('\n');
/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = 946_684_800_000n;

/** Opens the part's records and writes them as NDJSON, one file after another. */
export async function writePart(work: PartWork, order: PartOrder): Promise<PartSum> {
  const writing = new Writing(work, order);
  try {
    for (const query of queriesOf(order)) await writing.read(query);
    return await writing.end();
  } catch (error) {
    await writing.abandon();
    throw error;
  }
}

function* queriesOf(order: PartOrder): Generator<string> {
  if (order.rows === undefined) {
    yield partQuery(order, undefined);
    return;
  }
  const rows = [...order.rows];
  for (let at = 0; at < rows.length; at += NAMED_ROWS) {
    yield partQuery(order, rows.slice(at, at + NAMED_ROWS));
  }
}

class Writing {
  readonly #work: PartWork;
  readonly #order: PartOrder;
  readonly #sealing: SubjectKey;
  readonly #subjects = new Map<bigint, number>();
  readonly #withheld = new Set<Group>();
  readonly #files: PartFile[] = [];
  readonly #own: ReadonlySet<Group>;
  readonly #others: ReadonlySet<Group>;
  #held: Stored[] = [];
  #heldBytes = 0;
  #writer: SealedFileWriter | undefined;
  #records = 0;
  #erased = 0;
  #flushing: Promise<void> = Promise.resolve();

  constructor(work: PartWork, order: PartOrder) {
    this.#work = work;
    this.#order = order;
    this.#sealing = shortLivedKey(work.start.tenant, Buffer.from(work.start.secret));
    this.#own = new Set(order.own?.groups);
    this.#others = new Set(order.others);
  }

  async read(query: string): Promise<void> {
    await this.#work.reader.rows(query, (row) => this.#take(row), {
      full: () => this.#heldBytes >= HELD_BYTES || this.#held.length >= HELD_RECORDS,
      drained: () => this.#drain(),
    });
    await this.#drain();
  }

  async end(): Promise<PartSum> {
    await this.#close();
    return {
      ...{ files: this.#files, subjects: this.#subjects },
      ...{ withheld: [...this.#withheld], erased: this.#erased },
    };
  }

  async abandon(): Promise<void> {
    await this.#flushing.catch(() => undefined);
    await this.#writer?.abandon();
  }

  /** The row's bytes are the socket's: what is kept is copied. */
  #take([row, subject, id, version, updatedAt, sealed]: CopiedRow): void {
    if (!row || !subject || !id || !version || !updatedAt || !sealed) {
      throw new Error('a record without one of its columns');
    }
    const micros = updatedAt.readBigInt64BE(0);
    this.#held.push({
      ...{ row: row.readBigInt64BE(0), self: 0n, subject: subject.readBigInt64BE(0) },
      ...{ type: this.#order.type, id: id.toString('latin1'), version: version.readInt32BE(0) },
      updatedAt: new Date(Number(micros / 1000n + EPOCH_MS)),
      ...{ method: 0, deleted: false, patientId: undefined, sealed: Buffer.from(sealed) },
    });
    this.#heldBytes += sealed.length;
  }

  /** One after the other, whoever asks: the reader while it waits, or who has read to the end. */
  #drain(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const batch = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (batch.length === 0) return;
    const { database, phi, start } = this.#work;
    const subjects = batch.map((one) => one.subject);
    const keyOf = await database.transaction(start.tenant, (tx) =>
      livingKeys({ phi }, tx, subjects),
    );
    for (const stored of batch) {
      const key = keyOf(stored.subject);
      if (key === undefined) this.#erased += 1;
      else await this.#add(key, stored);
    }
  }

  async #add(key: SubjectKey, stored: Stored): Promise<void> {
    const order = this.#order;
    const { subject } = stored;
    const own = subject !== 0n && subject === order.own?.subject;
    const { json, withheld } = renderRecord(key, stored, own ? this.#own : this.#others);
    if (order.inCompartment && subject === 0n && !isInSome(json)) return;
    for (const group of withheld) this.#withheld.add(group);
    const line = order.elements.length === 0 ? json : elementsOf(order.type, order.elements, json);
    this.#writer ??= await openSealedFileWriter(this.#file());
    this.#writer.add(line);
    this.#writer.add(LINE_FEED);
    this.#records += 1;
    this.#subjects.set(subject, (this.#subjects.get(subject) ?? 0) + 1);
    await this.#writer.flush();
    if (this.#writer.bytes >= FILE_BYTES) await this.#close();
  }

  #file() {
    const { start } = this.#work;
    const name = `${this.#order.name}-${this.#files.length + 1}`;
    return { name: `${start.job}/${name}`, path: join(start.folder, name), key: this.#sealing };
  }

  async #close(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    const name = `${this.#order.name}-${this.#files.length + 1}`;
    this.#writer = undefined;
    await writer.end();
    this.#files.push({ name, records: this.#records, bytes: writer.bytes });
    this.#records = 0;
  }
}

/** A Group, an Appointment: nobody's to seal, and yet in the compartments of its patients. */
function isInSome(json: Buffer): boolean {
  return patientsOf(parseResourceJson(json) as Resource).length > 0;
}
