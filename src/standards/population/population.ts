import { writeAllergies } from './allergy-intolerance.ts';
import { writeCarePlan } from './care-plan.ts';
import type { Chart } from './chart.ts';
import { linesOf, writeClaim, writePharmacyClaim } from './claim.ts';
import { writeCondition } from './condition.ts';
import { writeConsent } from './consent.ts';
import type { Insured } from './coverage.ts';
import { writeCoverage } from './coverage.ts';
import { writeDocument } from './document-reference.ts';
import { writeEncounter } from './encounter.ts';
import { writeExplanationOfBenefit } from './explanation-of-benefit.ts';
import { writeImmunizations } from './immunization.ts';
import { writeLaboratory } from './laboratory.ts';
import { writeMedicationRequests } from './medication-request.ts';
import { writePatient } from './patient.ts';
import { person as personOf } from './person.ts';
import { problems as problemsOf } from './problem.ts';
import { writeProcedures } from './procedure.ts';
import type { Directory } from './provider.ts';
import { directory as directoryOf } from './provider.ts';
import { Random } from './random.ts';
import type { Resource } from './resource.ts';
import { stream } from './stream.ts';
import type { Visit } from './visit.ts';
import { visits as visitsOf } from './visit.ts';
import { writeVitalSigns } from './vital-sign.ts';

/** One patient's whole record: the Patient first, then what refers to it. */
export interface SyntheticPatient {
  /** The id of the Patient. */
  patient: string;
  resources: Resource[];
}

/** The day a population is looked at when nobody says otherwise: nothing is dated later. */
export const defaultAsOf = '2026-01-01';

/**
 * The Organizations, Locations and Practitioners that patients of this seed refer to. Load them
 * first.
 */
export function providers(seed: number): Resource[] {
  return [...directoryOf(seed).resources];
}

/**
 * Patients 0 up to `patients`, one at a time, so memory does not grow with their number. The same
 * arguments give the same bytes on every machine. `asOf` is a FHIR date. Throws RangeError for a
 * date that is none.
 */
export function* population(order: {
  seed: number;
  patients: number;
  asOf?: string;
}): Generator<SyntheticPatient> {
  const directory = directoryOf(order.seed);
  const asOf = moment(order.asOf);
  for (let index = 0; index < order.patients; index += 1) {
    yield record(order.seed, index, asOf, directory);
  }
}

/** One patient of a population alone, exactly as `population` would yield it. */
export function patient(seed: number, index: number, asOf?: string): SyntheticPatient {
  return record(seed, index, moment(asOf), directoryOf(seed));
}

function moment(asOf: string = defaultAsOf): number {
  const at = Date.parse(asOf);
  if (Number.isNaN(at)) throw new RangeError('asOf is not a FHIR date');
  return at;
}

function record(seed: number, index: number, asOf: number, directory: Directory): SyntheticPatient {
  const course = new Random(seed, index, stream.course);
  const ids = new Random(seed, index, stream.ids);
  const person = personOf(new Random(seed, index, stream.person), ids.uuid(), asOf);
  const problems = problemsOf(person, course, ids);
  const visits = visitsOf(person, problems, course, ids);
  const site = course.pick(directory.sites);
  const practitioner = course.pick(site.practitioners);
  const random = new Random(seed, index, stream.content);
  const resources: Resource[] = [];
  const levels = new Map<string, number>();
  const chart: Chart = {
    person,
    problems,
    directory,
    site,
    practitioner,
    random,
    ids,
    levels,
    resources,
  };
  writeChart(chart, visits);
  return { patient: person.id, resources };
}

function writeChart(chart: Chart, visits: readonly Visit[]): void {
  writePatient(chart);
  const insured = writeCoverage(chart);
  writeConsent(chart, visits[0]);
  writeAllergies(chart);
  writeProblems(chart, visits, insured);
  let wellness: Visit | undefined;
  for (const visit of visits) {
    writeVisit(chart, visit, wellness, insured);
    if (visit.kind === 'wellness') wellness = visit;
  }
}

function writeProblems(chart: Chart, visits: readonly Visit[], insured: Insured): void {
  for (const problem of chart.problems) {
    const seen = visits.find((visit) =>
      problem.acute ? visit.problem === problem : visit.start >= problem.onset,
    );
    // An acute problem nobody was seen for never came to be known.
    if (problem.acute && !seen) continue;
    writeCondition(chart, problem, seen);
    if (!seen) continue;
    writeCarePlan(chart, problem, seen);
    for (const script of writeMedicationRequests(chart, problem, seen)) {
      writePharmacyClaim(chart, script, insured);
    }
  }
}

function writeVisit(
  chart: Chart,
  visit: Visit,
  previous: Visit | undefined,
  insured: Insured,
): void {
  writeEncounter(chart, visit);
  writeVitalSigns(chart, visit);
  writeLaboratory(chart, visit);
  if (visit.kind === 'wellness') writeImmunizations(chart, visit, previous);
  const procedures = writeProcedures(chart, visit);
  writeDocument(chart, visit);
  const lines = linesOf(chart, visit, procedures);
  const id = writeClaim(chart, visit, lines, insured);
  writeExplanationOfBenefit(chart, visit, { id, lines }, insured);
}
