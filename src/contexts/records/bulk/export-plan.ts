import type { Caller } from '../../../platform/principal.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import type { Store } from '../store.ts';
import { directoryTypes, type ExportOrder } from './export-order.ts';
import { patientsOfGroup } from './group.ts';
import type { Told } from './outcome-line.ts';
import type { PartFile, PartOrder } from './part.ts';
import { type Range, rangesOf, rowsOfFilters, rowsOfPatients, typesOf } from './plan.ts';
import { type ExportReach, exportReach } from './reach.ts';
import { settled } from './settle.ts';

/** What an export keeps, so that another process can go on with it. */
export type Kept = {
  /** The instant all files are of. */
  readonly at: string;
  readonly secret: string;
  readonly ranges: readonly Range[];
  /** Records in the ranges, those that will be left out among them. */
  readonly records: number;
  readonly done: Done[];
  readonly told: readonly string[];
};

type Done = {
  readonly part: string;
  readonly type: string;
  readonly files: readonly PartFile[];
  readonly withheld: readonly Group[];
  readonly erased: number;
};

type Planned = { readonly type: string; readonly reach: ExportReach; readonly rows?: bigint[] };
export type PlannedPart = Planned & { readonly name: string; readonly range: Range };

export type Plan = {
  readonly order: ExportOrder;
  /** undefined: whoever the level takes in. */
  readonly patients: readonly string[] | undefined;
  readonly types: readonly Planned[];
  readonly parts: readonly PlannedPart[];
  readonly told: readonly Told[];
};

/** Takes the instant, waits until it is past for everybody, and cuts the store into ranges. */
export async function readyToExport(store: Store, caller: Caller, order: ExportOrder) {
  const { tenant } = caller.principal;
  const at = store.now().toISOString();
  const whole = await settled(store.database, tenant);
  const { ranges, records } = await store.database.transaction(tenant, (tx) =>
    rangesOf(tx, typesOf(order)),
  );
  const late = 'A write that began before the instant was still running: it may be missing.';
  return { at, ranges, records, told: whole ? [] : [late] };
}

type Asked = { store: Store; caller: Caller; order: ExportOrder; kept: Kept };

/** Which types, which of their records, in which parts. The same each time but for row lists. */
export async function planExport({ store, caller, order, kept }: Asked): Promise<Plan> {
  const told: Told[] = kept.told.map((text) => ({ severity: 'warning', text }));
  for (const name of order.ignored) {
    told.push({ severity: 'warning', text: `Ignored as asked: ${name}.` });
  }
  const patients = await patientsOf({ store, caller, order, kept }, told);
  const known = new Set(kept.ranges.map(({ type }) => type));
  const types: Planned[] = [];
  const unseen: string[] = [];
  for (const type of typesOf(order)) {
    const reach = await exportReach(store, caller, type);
    if (reach === undefined) unseen.push(type);
    else if (known.has(type) || order.since !== undefined) {
      const rows = await rowsOf({ store, caller, order, kept }, type, patients);
      types.push({ type, reach, ...(rows === undefined ? {} : { rows }) });
    }
  }
  // Of all types there are many a role never sees; that is said only of what was asked for.
  const missed = order.types === undefined ? unseen.filter((type) => known.has(type)) : unseen;
  if (missed.length > 0) {
    const text = `Your roles do not see these types: ${missed.join(', ')}.`;
    told.push({ severity: order.types === undefined ? 'warning' : 'error', text });
  }
  return { order, patients, types, parts: partsOf(types, kept.ranges), told };
}

/** Largest types are not first: every part is about as large as the others. */
function partsOf(types: readonly Planned[], ranges: readonly Range[]): PlannedPart[] {
  const parts: PlannedPart[] = [];
  for (const planned of types) {
    const own = ranges.filter(({ type }) => type === planned.type);
    for (const [index, range] of own.entries()) {
      const number = String(index + 1).padStart(4, '0');
      parts.push({ ...planned, name: `${planned.type}-${number}`, range });
    }
  }
  return parts;
}

async function patientsOf(
  { store, caller, order }: Asked,
  told: Told[],
): Promise<readonly string[] | undefined> {
  if (order.group === undefined) return order.patients;
  const group = await patientsOfGroup(store, caller, order.group);
  told.push(...group.told.map((text): Told => ({ severity: 'information', text })));
  if (order.patients === undefined) return group.patients;
  const members = new Set(group.patients);
  const asked = order.patients.filter((id) => members.has(id));
  const others = order.patients.length - asked.length;
  if (others > 0) {
    const text = `${others} of the patients asked for are no members of the Group.`;
    told.push({ severity: 'error', text });
  }
  return asked;
}

/** Types about no patient. */
export const directory: ReadonlySet<string> = new Set(directoryTypes);

/** undefined: all of the type. */
async function rowsOf(
  { store, caller, order }: Asked,
  type: string,
  patients: readonly string[] | undefined,
): Promise<bigint[] | undefined> {
  const asked = { store, caller, order };
  const filtered = await rowsOfFilters(asked, type);
  // Who treats and where is about no patient: the whole directory goes with the patients.
  if (patients === undefined || directory.has(type)) {
    return filtered === undefined ? undefined : [...filtered];
  }
  const rows = await store.database.transaction(caller.principal.tenant, (tx) =>
    rowsOfPatients(asked, tx, type, patients),
  );
  return filtered === undefined ? rows : rows.filter((row) => filtered.has(row));
}

export function partOrder(part: PlannedPart, { order }: Plan, kept: Kept): PartOrder {
  const { type, range, name, reach, rows } = part;
  const low = BigInt(range.low);
  const high = BigInt(range.high);
  const within = rows?.filter((row) => row > low && row <= high);
  const elements = order.elements.flatMap((one) => {
    const [first = '', second] = one.split('.');
    if (second === undefined) return [first];
    return first === type ? [second] : [];
  });
  return {
    ...{ name, type, low, high, at: Date.parse(kept.at), elements },
    ...(within === undefined ? {} : { rows: BigInt64Array.from(within) }),
    ...(order.since === undefined ? {} : { since: order.since }),
    ...(order.until === undefined ? {} : { until: order.until }),
    ...(reach.own === undefined ? {} : { own: reach.own }),
    ...(reach.others === undefined ? {} : { others: reach.others }),
    inCompartment: order.level !== 'system' && !directory.has(type),
  };
}
