import { day, instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import { concept, quantity, reference, status, system } from './coding.ts';
import type { Drug } from './drug-list.ts';
import type { Problem } from './problem.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

/** What was prescribed for a problem, with the ids the pharmacy's claims need. */
export interface Prescription {
  id: string;
  drug: Drug;
  visit: Visit;
  problem: Problem;
}

/** Chronic problems get the first drug and perhaps more; acute ones sometimes nothing at all. */
export function writeMedicationRequests(
  chart: Chart,
  problem: Problem,
  visit: Visit,
): Prescription[] {
  const { random } = chart;
  const drugs = problem.chronic
    ? problem.chronic.drugs.filter((_, rank) => random.chance(rank === 0 ? 0.75 : 0.15))
    : (problem.acute?.drugs ?? []).filter(() => random.chance(0.7));
  return drugs.map((drug) => {
    const id = writeOne(chart, problem, visit, drug);
    return { id, drug, visit, problem };
  });
}

function writeOne(chart: Chart, problem: Problem, visit: Visit, drug: Drug): string {
  const { person, practitioner } = chart;
  const course = problem.chronic ? 90 : 10;
  const days = course * (problem.chronic ? 4 : 1);
  const stopped = person.death !== undefined ? 'stopped' : undefined;
  const over = visit.start + days * day < person.end;
  return write(chart, 'MedicationRequest', {
    status: problem.chronic ? (stopped ?? 'active') : over ? 'completed' : (stopped ?? 'active'),
    intent: 'order',
    category: [status('medicationrequest-category', 'outpatient')],
    medicationCodeableConcept: concept(system.rxnorm, drug.code),
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    authoredOn: instant(visit.start),
    requester: reference('Practitioner', practitioner.id, practitioner.name),
    reasonReference: [reference('Condition', problem.id, problem.code[1])],
    dosageInstruction: [dosage(drug)],
    dispenseRequest: {
      numberOfRepeatsAllowed: problem.chronic ? 3 : 0,
      quantity: { value: drug.dose * drug.perDay * course, unit: drug.unit },
      expectedSupplyDuration: quantity(course, 'days', 'd'),
    },
  });
}

function dosage(drug: Drug): Elements {
  const times = drug.perDay === 1 ? 'once' : drug.perDay === 2 ? 'twice' : `${drug.perDay} times`;
  return {
    sequence: 1,
    text: `${drug.dose} ${drug.unit} ${times} daily${drug.asNeeded ? ' as needed' : ''}`,
    timing: { repeat: { frequency: drug.perDay, period: 1, periodUnit: 'd' } },
    asNeededBoolean: drug.asNeeded === true,
    route: concept(system.snomed, drug.route),
    doseAndRate: [
      {
        type: status('dose-rate-type', 'ordered'),
        doseQuantity: { value: drug.dose, unit: drug.unit },
      },
    ],
  };
}
