import type { Transaction } from '../../../platform/postgres/database.ts';
import { selfName } from '../blind-name.ts';
import type { Runner, Work } from '../job/runner.ts';
import type { Store } from '../store.ts';
import { type AnswerFolder, newSecret } from './answer-folder.ts';
import { deletedBundles } from './deleted.ts';
import { auditPart } from './export-audit.ts';
import type { ExportOrder } from './export-order.ts';
import {
  directory,
  type Kept,
  type Plan,
  type PlannedPart,
  partOrder,
  planExport,
  readyToExport,
} from './export-plan.ts';
import type { AnswerFile, FileAnswer } from './manifest.ts';
import { outcomeLine, type Told } from './outcome-line.ts';
import type { PartSum } from './part.ts';
import { openThreads, widthFor } from './threads.ts';

export type ExportParts = {
  readonly store: Store;
  readonly folder: AnswerFolder;
  /** Where the threads find the keys. */
  readonly keyring: string;
};

/** Bulk Data Access 2.0: runs an export in threads, part by part, and keeps each that is made. */
export function exportRunner(parts: ExportParts): Runner {
  return {
    resumes: true,
    run: (work) => new Exporting(parts, work).run(),
    discard: (tenant, job) => parts.folder.remove(tenant, job),
  };
}

type Made = { part: PlannedPart; sum: PartSum };

class Exporting {
  readonly #parts: ExportParts;
  readonly #work: Work;
  readonly #order: ExportOrder;
  /** One part is kept after the other: none may be told of before its audit rows are there. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(parts: ExportParts, work: Work) {
    this.#parts = parts;
    this.#work = work;
    this.#order = work.asked as ExportOrder;
  }

  async run(): Promise<FileAnswer> {
    const { store, folder } = this.#parts;
    const { id, caller } = this.#work;
    const { tenant } = caller.principal;
    const path = await folder.prepare(tenant, id);
    const kept = (this.#work.kept as Kept | undefined) ?? (await this.#begin());
    const plan = await planExport({ store, caller, order: this.#order, kept });
    const { url, role } = store.database.settings;
    const start = {
      ...{ tenant, keyring: this.#parts.keyring, folder: path, job: id },
      secret: Buffer.from(kept.secret, 'base64'),
      database: { url, ...(role === undefined ? {} : { role }) },
    };
    const threads = await openThreads(start, widthFor(kept.records));
    const close = () => void threads.close();
    this.#work.signal.addEventListener('abort', close);
    try {
      await this.#all(plan.parts, kept, (part) => threads.run(partOrder(part, plan, kept)));
    } finally {
      this.#work.signal.removeEventListener('abort', close);
      await threads.close();
    }
    return this.#finish(kept, plan);
  }

  async #begin(): Promise<Kept> {
    const { store } = this.#parts;
    const { caller } = this.#work;
    const { at, ranges, records, told } = await readyToExport(store, caller, this.#order);
    const kept: Kept = { at, secret: newSecret(), ranges, records, done: [], told };
    await this.#inTenant((tx) => this.#work.keep(tx, kept));
    return kept;
  }

  /** As many at once as there are threads; what was made before a crash is not made again. */
  async #all(
    parts: readonly PlannedPart[],
    kept: Kept,
    run: (part: PlannedPart) => Promise<PartSum>,
  ): Promise<void> {
    const made = new Set(kept.done.map(({ part }) => part));
    const left = parts.filter(({ name }) => !made.has(name));
    this.#show(kept);
    const lane = async () => {
      for (let part = left.shift(); part !== undefined; part = left.shift()) {
        this.#work.signal.throwIfAborted();
        const sum = await run(part);
        this.#keeping = this.#keeping.then(() => this.#made({ part, sum }, kept));
        await this.#keeping;
      }
    };
    await Promise.all(Array.from({ length: widthFor(kept.records) }, lane));
  }

  async #made({ part, sum }: Made, kept: Kept): Promise<void> {
    const { type, reach, name } = part;
    const { withheld, erased } = sum;
    kept.done.push({ part: name, type, files: sum.files, withheld, erased });
    const groups = reach.others ?? reach.own?.groups ?? [];
    const about = { job: this.#work.id, at: kept.at, type, because: reach.because, groups };
    const { store } = this.#parts;
    const { caller } = this.#work;
    await this.#inTenant(async (tx) => {
      await auditPart({ store, caller }, tx, about, sum);
      await this.#work.keep(tx, kept);
    });
    this.#show(kept);
  }

  #show({ done, records }: Kept): void {
    let exported = 0;
    for (const { files } of done) for (const file of files) exported += file.records;
    this.#work.progress(`${exported} of at most ${records} records exported`);
  }

  async #finish(kept: Kept, plan: Plan): Promise<FileAnswer> {
    const files = outputs(kept);
    const deleted = await this.#deleted(kept, plan);
    const told = [...plan.told, ...leftOut(kept)];
    const { at, secret } = kept;
    const errors: AnswerFile[] = [];
    if (told.length > 0) {
      const lines = told.map(outcomeLine);
      const place = this.#place(secret, 'outcome');
      const kind = { list: 'error', type: 'OperationOutcome' } as const;
      errors.push(await this.#parts.folder.write(place, kind, lines));
    }
    const { request } = this.#order;
    const words = told.map(({ text }) => text);
    return { at, request, secret, files: [...files, ...deleted, ...errors], told: words };
  }

  async #deleted(kept: Kept, { types, patients }: Plan): Promise<AnswerFile[]> {
    const { since, level } = this.#order;
    if (since === undefined) return [];
    const at = Date.parse(kept.at);
    const hash = await this.#parts.store.phi.hasher(this.#work.caller.principal.tenant);
    const selves = patients?.map((id) => selfName(hash, 'Patient', id));
    const made: AnswerFile[] = [];
    for (const { type, reach } of types) {
      const all = level === 'system' || directory.has(type);
      const among = all ? undefined : (selves ?? ('patients' as const));
      const deleted = { type, since, at, among };
      const bundles = deletedBundles((work) => this.#inTenant(work), deleted, reach);
      const place = this.#place(kept.secret, `deleted-${type}`);
      const kind = { list: 'deleted', type: 'Bundle' } as const;
      const file = await this.#parts.folder.write(place, kind, bundles);
      if (file.records > 0) made.push(file);
    }
    return made;
  }

  #place(secret: string, name: string) {
    const { tenant } = this.#work.caller.principal;
    return { tenant, job: this.#work.id, name, secret };
  }

  #inTenant<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#parts.store.database.transaction(this.#work.caller.principal.tenant, work);
  }
}

function outputs({ done }: Kept): AnswerFile[] {
  const sorted = done.toSorted((a, b) => (a.part < b.part ? -1 : 1));
  return sorted.flatMap(({ type, files }) =>
    files.map((file) => ({ list: 'output' as const, type, ...file })),
  );
}

function leftOut({ done }: Kept): Told[] {
  const withheld = new Map<string, Set<string>>();
  let erased = 0;
  for (const part of done) {
    erased += part.erased;
    if (part.withheld.length === 0) continue;
    const groups = withheld.get(part.type) ?? new Set();
    withheld.set(part.type, groups);
    for (const group of part.withheld) groups.add(group);
  }
  const told = [...withheld].map(
    ([type, groups]): Told => ({
      severity: 'warning',
      text: `Your roles do not see the parts ${[...groups].join(', ')} of ${type}: left out.`,
    }),
  );
  if (erased > 0) {
    const text = `${erased} records of erased patients can be opened by nobody: left out.`;
    told.push({ severity: 'information', text });
  }
  return told;
}
