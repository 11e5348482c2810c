import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import { coding, reference, status, system } from './coding.ts';
import type { Problem } from './problem.ts';
import type { Visit } from './visit.ts';

export function writeCondition(chart: Chart, problem: Problem, seen: Visit | undefined): void {
  const over = problem.abatement !== undefined;
  write(
    chart,
    'Condition',
    {
      clinicalStatus: status('condition-clinical', over ? 'resolved' : 'active'),
      verificationStatus: status('condition-ver-status', 'confirmed'),
      category: [
        {
          coding: [
            coding('http://terminology.hl7.org/CodeSystem/condition-category', [
              'encounter-diagnosis',
              'Encounter Diagnosis',
            ]),
          ],
        },
      ],
      code: {
        coding: [coding(system.snomed, problem.code), coding(system.icd10, problem.icd10)],
        text: problem.icd10[1],
      },
      subject: subject(chart),
      ...(seen ? { encounter: reference('Encounter', seen.id) } : {}),
      onsetDateTime: instant(problem.onset),
      ...(problem.abatement === undefined ? {} : { abatementDateTime: instant(problem.abatement) }),
      recordedDate: instant(seen ? seen.start : problem.onset),
      recorder: reference('Practitioner', chart.practitioner.id, chart.practitioner.name),
    },
    problem.id,
  );
}
