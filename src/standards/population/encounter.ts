import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { coding, concept, reference, system, terminology } from './coding.ts';
import { ageAt } from './person.ts';
import type { Visit, VisitKind } from './visit.ts';

// SNOMED CT, class from HL7 v3 ActCode.
const kinds: Readonly<Record<VisitKind, { class: Code; type: Code }>> = {
  wellness: {
    class: ['AMB', 'ambulatory'],
    type: ['162673000', 'General examination of patient (procedure)'],
  },
  'follow-up': {
    class: ['AMB', 'ambulatory'],
    type: ['390906007', 'Follow-up encounter (procedure)'],
  },
  acute: { class: ['AMB', 'ambulatory'], type: ['185345009', 'Encounter for symptom (procedure)'] },
  emergency: {
    class: ['EMER', 'emergency'],
    type: ['50849002', 'Emergency room admission (procedure)'],
  },
  inpatient: {
    class: ['IMP', 'inpatient encounter'],
    type: ['32485007', 'Hospital admission (procedure)'],
  },
  screening: {
    class: ['AMB', 'ambulatory'],
    type: ['371883000', 'Outpatient procedure (procedure)'],
  },
};
const childExamination: Code = ['410620009', 'Well child visit (procedure)'];

export function visitType(chart: Chart, visit: Visit): Code {
  const child = visit.kind === 'wellness' && ageAt(chart.person, visit.start) < 18;
  return child ? childExamination : kinds[visit.kind].type;
}

export function writeEncounter(chart: Chart, visit: Visit): void {
  const { organization, office, ward } = chart.site;
  const room = visit.kind === 'inpatient' || visit.kind === 'emergency' ? ward : office;
  const period = { start: instant(visit.start), end: instant(visit.end) };
  const reason = visit.problem;
  write(
    chart,
    'Encounter',
    {
      status: 'finished',
      class: coding(system.actCode, kinds[visit.kind].class),
      type: [concept(system.snomed, visitType(chart, visit))],
      subject: subject(chart),
      participant: [
        {
          type: [concept(terminology('v3-ParticipationType'), ['PPRF', 'primary performer'])],
          period,
          individual: reference('Practitioner', chart.practitioner.id, chart.practitioner.name),
        },
      ],
      period,
      ...(reason
        ? {
            reasonCode: [concept(system.snomed, reason.code)],
            diagnosis: [{ condition: reference('Condition', reason.id), rank: 1 }],
          }
        : {}),
      ...(visit.kind === 'inpatient' ? { hospitalization: discharge() } : {}),
      location: [{ location: reference('Location', room.id, room.name), status: 'completed' }],
      serviceProvider: reference('Organization', organization.id, organization.name),
    },
    visit.id,
  );
}

function discharge() {
  return {
    admitSource: concept(terminology('admit-source'), [
      'emd',
      'From accident/emergency department',
    ]),
    dischargeDisposition: concept(terminology('discharge-disposition'), ['home', 'Home']),
  };
}
