import { population, providers, type Resource } from '../../src/standards/population/index.ts';
import { scatter } from './spread.ts';

/** One kind of search: its n-th query, and how many matches it has at least. */
export type SearchShape = {
  readonly name: string;
  /** Whether the project promises its time. */
  readonly promised: boolean;
  query(n: number): { path: string; matches: number };
};

export type Stock = {
  readonly resources: readonly Resource[];
  readonly shapes: readonly SearchShape[];
};

type Patient = { id: string; number: string; family: string; observations: string[] };

const loinc = (code: string) => `http://loinc.org%7C${code}`;
const HEART_RATE = '8867-4';
const GLUCOSE = '2345-7';
const TSH = '3016-3';
const SYSTOLIC = '8480-6';
const UCUM = 'http://unitsofmeasure.org';
const SINCE = '2022-01-01';
/** A value set's worth of codes, six of which there are. */
const hundred = Array.from({ length: 100 }, (_, n) =>
  loinc([HEART_RATE, GLUCOSE, TSH, SYSTOLIC, '718-7', '4548-4'][n] ?? `${1000 + n}-1`),
).join(',');

/** At least so many resources of whole patients, and searches whose answers are known from them. */
export function stockOf(count: number): Stock {
  const resources = providers(11);
  const patients: Patient[] = [];
  const codes = new Map<string, number>();
  for (const record of population({ seed: 11, patients: count })) {
    if (resources.length >= count) break;
    resources.push(...record.resources);
    patients.push(patientOf(record.resources, codes));
  }
  return { resources, shapes: shapesOf(patients, codes) };
}

function patientOf(resources: readonly Resource[], codes: Map<string, number>): Patient {
  const observations: string[] = [];
  let patient: Patient | undefined;
  for (const resource of resources) {
    if (resource.resourceType === 'Patient') patient = named(resource, observations);
    if (resource.resourceType !== 'Observation') continue;
    const { code, effectiveDateTime }: Observation = JSON.parse(JSON.stringify(resource));
    const first = code.coding[0]?.code ?? '';
    codes.set(first, (codes.get(first) ?? 0) + 1);
    observations.push(effectiveDateTime);
  }
  if (patient === undefined) throw new Error('a record without its Patient');
  return patient;
}

type Observation = { code: { coding: { code: string }[] }; effectiveDateTime: string };
type Person = { identifier: { system: string; value: string }[]; name: { family: string }[] };

function named(resource: Resource, observations: string[]): Patient {
  const { identifier, name }: Person = JSON.parse(JSON.stringify(resource));
  const [mrn] = identifier;
  return {
    id: resource.id,
    number: `${mrn?.system}%7C${mrn?.value}`,
    family: name[0]?.family ?? '',
    observations,
  };
}

function shapesOf(patients: readonly Patient[], codes: ReadonlyMap<string, number>): SearchShape[] {
  const someone = (n: number): Patient => {
    const patient = patients[scatter(n, patients.length)];
    if (patient === undefined) throw new Error('no patients');
    return patient;
  };
  const of = (name: string, query: SearchShape['query'], promised = false) => ({
    ...{ name, promised, query },
  });
  const coded = (code: string) => () => ({
    path: `Observation?code=${loinc(code)}`,
    matches: codes.get(code) ?? 0,
  });
  return [
    of(
      'token, one match',
      (n) => ({ path: `Patient?identifier=${someone(n).number}`, matches: 1 }),
      true,
    ),
    of('token, rare', coded(TSH), true),
    of('token, common', coded(HEART_RATE), true),
    of(
      'reference',
      (n) => ({
        path: `Observation?patient=Patient/${someone(n).id}`,
        matches: someone(n).observations.length,
      }),
      true,
    ),
    of('string', (n) => ({
      path: `Patient?name=${encodeURIComponent(someone(n).family)}`,
      matches: 1,
    })),
    of('date of a patient', (n) => ({
      path: `Observation?patient=Patient/${someone(n).id}&date=ge${SINCE}`,
      matches: someone(n).observations.filter((date) => date.slice(0, 10) >= SINCE).length,
    })),
    ...harderShapes(someone, codes),
    of('two tokens', () => ({
      path: `Observation?category=laboratory&code=${loinc(GLUCOSE)}`,
      matches: codes.get(GLUCOSE) ?? 0,
    })),
  ];
}

/** Searches that need more than one index, or an order. */
function harderShapes(
  someone: (n: number) => Patient,
  codes: ReadonlyMap<string, number>,
): SearchShape[] {
  const of = (name: string, query: SearchShape['query']) => ({ name, promised: false, query });
  return [
    of('quantity', () => ({
      path: `Observation?code=${loinc(GLUCOSE)}&value-quantity=gt100%7C${UCUM}%7Cmg/dL`,
      matches: 0,
    })),
    of('composite', () => ({
      path: `Observation?component-code-value-quantity=${loinc(SYSTOLIC)}$gt100`,
      matches: 0,
    })),
    of('chain', (n) => ({
      path: `Observation?subject:Patient.identifier=${someone(n).number}`,
      matches: someone(n).observations.length,
    })),
    of('chain to many', () => ({
      path: `Observation?code=${loinc(HEART_RATE)}&subject:Patient.gender=female`,
      matches: 0,
    })),
    of('_has', () => ({
      path: `Patient?_has:Observation:patient:code=${loinc(TSH)}`,
      matches: 0,
    })),
    of('_include', (n) => ({
      path: `Observation?patient=Patient/${someone(n).id}&_include=Observation:encounter`,
      matches: someone(n).observations.length,
    })),
    of('100 codes', () => ({ path: `Observation?code=${hundred}`, matches: 20 })),
    of('date', (n) => ({
      path: `Observation?date=ge20${19 + (n % 4)}-03-01&date=lt20${19 + (n % 4)}-04-01`,
      matches: 0,
    })),
    of('sorted by date', () => ({
      path: `Observation?code=${loinc(HEART_RATE)}&_sort=-date`,
      matches: codes.get(HEART_RATE) ?? 0,
    })),
  ];
}
