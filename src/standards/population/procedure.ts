import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { has, subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { concept, reference, system } from './coding.ts';
import { ageAt } from './person.ts';
import type { Visit } from './visit.ts';

// SNOMED CT.
const medicationReview: Code = [
  '428191000124101',
  'Documentation of current medications (procedure)',
];
const depressionScreening: Code = ['171207006', 'Depression screening (procedure)'];
const spirometry: Code = ['127783003', 'Spirometry (procedure)'];
const electrocardiogram: Code = ['29303009', 'Electrocardiographic procedure (procedure)'];
const footExamination: Code = ['401191002', 'Diabetic foot examination (regime/therapy)'];
const reconciliation: Code = ['430193006', 'Medication reconciliation (procedure)'];

/** What was done at a visit; the codes go on the claim, too. */
export function writeProcedures(chart: Chart, visit: Visit): Code[] {
  const done = performed(chart, visit);
  for (const code of done) writeOne(chart, visit, code);
  return done;
}

function performed(chart: Chart, visit: Visit): Code[] {
  const { random } = chart;
  const age = ageAt(chart.person, visit.start);
  const done: Code[] = visit.screening ? [visit.screening] : [];
  if (visit.kind === 'follow-up' || visit.kind === 'inpatient') done.push(reconciliation);
  if (visit.kind === 'wellness') {
    if (random.chance(age < 18 ? 0.15 : 0.45)) done.push(medicationReview);
    if (age >= 12 && random.chance(0.25)) done.push(depressionScreening);
    if (age >= 50 && random.chance(0.08)) done.push(electrocardiogram);
    if (has(chart, 'diabetes', visit.start) && random.chance(0.6)) done.push(footExamination);
  }
  const breathing = has(chart, 'copd', visit.start) || has(chart, 'asthma', visit.start);
  if (breathing && visit.kind !== 'screening' && random.chance(0.25)) done.push(spirometry);
  for (const code of visit.problem?.acute?.procedures ?? []) {
    if (visit.kind !== 'follow-up' && random.chance(0.65)) done.push(code);
  }
  return done;
}

function writeOne(chart: Chart, visit: Visit, code: Code): void {
  const { practitioner, site } = chart;
  const part = (visit.end - visit.start) / 4;
  write(chart, 'Procedure', {
    status: 'completed',
    code: concept(system.snomed, code),
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    performedPeriod: { start: instant(visit.start + part), end: instant(visit.end - part) },
    performer: [
      {
        actor: reference('Practitioner', practitioner.id, practitioner.name),
        onBehalfOf: reference('Organization', site.organization.id),
      },
    ],
    location: reference('Location', site.office.id, site.office.name),
    ...(visit.problem
      ? { reasonReference: [reference('Condition', visit.problem.id, visit.problem.code[1])] }
      : {}),
  });
}
