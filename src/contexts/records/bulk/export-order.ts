import { refuse } from '../../../platform/problem.ts';
import { compartmentTypes } from '../../../standards/fhir/compartment-search.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { isResourceId, parseReference } from '../../../standards/fhir/reference.ts';
import { dateRange } from '../../../standards/fhir/search/date-range.ts';
import { recordKinds } from '../problems.ts';
import type { Pairs } from './parameter.ts';

export type ExportLevel = 'system' | 'patient' | 'group';

/** What a kick-off asks for (Bulk Data Access 2.0), as the job keeps it. */
export type ExportOrder = {
  readonly level: ExportLevel;
  readonly group?: string;
  /** The kick-off's address, for the manifest. */
  readonly request: string;
  /** undefined: all there are. */
  readonly types?: readonly string[];
  /** ms since 1970. */
  readonly since?: number;
  readonly until?: number;
  readonly elements: readonly string[];
  /** A record matches when one of its type's does. */
  readonly filters: readonly { readonly type: string; readonly query: string }[];
  readonly patients?: readonly string[];
  /** What was ignored because `Prefer: handling=lenient` asked for that. */
  readonly ignored: readonly string[];
};

/** Searches in one export, and patients named in it: each costs a statement, or a row set. */
const MOST_FILTERS = 50;
const MOST_PATIENTS = 10_000;

const formats = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
/** Held in the patient's compartment or about no patient: who treats, where, with what. */
export const directoryTypes = [
  ...['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService'],
  ...['Medication', 'Substance', 'Endpoint'],
] as const;

type Kickoff = {
  level: ExportLevel;
  group?: string;
  request: string;
  pairs: Pairs;
  lenient: boolean;
};

/** Throws a Problem that names every parameter it refuses. */
export function exportOrder({ level, group, request, pairs, lenient }: Kickoff): ExportOrder {
  const order = {
    ...{ level, request, elements: [] as string[], ignored: [] as string[] },
    ...(group === undefined ? {} : { group }),
    filters: [] as { type: string; query: string }[],
    types: undefined as string[] | undefined,
    patients: undefined as string[] | undefined,
    since: undefined as number | undefined,
    until: undefined as number | undefined,
  };
  for (const [name, value] of pairs) {
    const read = readers[name];
    if (read !== undefined) read(order, value);
    else if (name !== '_format' && name !== '_pretty') {
      if (!lenient) wrong(name, 'is not a parameter this export knows');
      order.ignored.push(shown(name));
    }
  }
  const { types, patients, since, until, ...rest } = order;
  requireLevel(level, patients, types);
  if (order.filters.length > MOST_FILTERS) wrong('_typeFilter', `is given ${MOST_FILTERS} times`);
  return {
    ...rest,
    ...(types === undefined ? {} : { types: [...new Set(types)] }),
    ...(patients === undefined ? {} : { patients: [...new Set(patients)] }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

type Draft = {
  elements: string[];
  filters: { type: string; query: string }[];
  types: string[] | undefined;
  patients: string[] | undefined;
  since: number | undefined;
  until: number | undefined;
};

const readers: Readonly<Record<string, (order: Draft, value: string) => void>> = {
  _outputFormat(_, value) {
    if (!formats.has(value)) wrong('_outputFormat', 'is application/fhir+ndjson');
  },
  _since(order, value) {
    order.since = instant('_since', value);
  },
  _until(order, value) {
    order.until = instant('_until', value);
  },
  _type(order, value) {
    const names = value.split(',').map((one) => one.trim());
    if (!names.every((one) => resourceTypes.has(one))) wrong('_type', 'names types of FHIR R4');
    order.types = [...(order.types ?? []), ...names];
  },
  _elements(order, value) {
    const names = value.split(',').map((one) => one.trim());
    if (!names.every((one) => /^([A-Z]\w+\.)?[a-z]\w*$/.test(one))) {
      wrong('_elements', 'names elements, as id or Patient.name');
    }
    order.elements.push(...names);
  },
  _typeFilter(order, value) {
    // A comma stands between queries and within them: a new one begins with a type and its `?`.
    for (const one of value.split(/,(?=[A-Z][A-Za-z]+\?)/)) {
      const at = one.indexOf('?');
      const type = one.slice(0, Math.max(at, 0));
      if (!resourceTypes.has(type)) wrong('_typeFilter', 'is Type?query, as a search is written');
      order.filters.push({ type, query: one.slice(at + 1) });
    }
  },
  patient(order, value) {
    const parsed = parseReference(value);
    const id = parsed?.kind === 'relative' && parsed.type === 'Patient' ? parsed.id : value;
    if (!isResourceId(id)) wrong('patient', 'is a reference, as Patient/1');
    order.patients = [...(order.patients ?? []), id];
    if (order.patients.length > MOST_PATIENTS) wrong('patient', `is given ${MOST_PATIENTS} times`);
  },
};

function instant(name: string, value: string): number {
  const range = dateRange(value);
  return range?.low ?? wrong(name, 'is an instant, as 2026-01-01T00:00:00Z');
}

function requireLevel(
  level: ExportLevel,
  patients: readonly string[] | undefined,
  types: readonly string[] | undefined,
): void {
  if (level === 'system') {
    if (patients !== undefined) wrong('patient', 'goes with an export of patients or of a group');
    return;
  }
  const known = new Set([...(compartmentTypes('Patient') ?? []), ...directoryTypes]);
  const outside = types?.find((type) => !known.has(type));
  if (outside !== undefined) wrong('_type', `has ${outside}, which no patient's record has`);
}

/** A name a caller made up is not said back in full: it may hold anything. */
function shown(name: string): string {
  return /^[\w:.-]{1,40}$/.test(name) ? name : 'a parameter';
}

function wrong(name: string, what: string): never {
  const text = `${shown(name)} ${what}.`;
  return refuse(recordKinds.badRequest, text, {
    issues: [{ severity: 'error', code: 'invalid', expression: shown(name), text }],
  });
}
