import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { fullName, subject, write } from './chart.ts';
import { concept, reference, status, system } from './coding.ts';
import type { Visit } from './visit.ts';

/** A discharge summary after a stay, rarely a note after another visit. */
export function writeDocument(chart: Chart, visit: Visit): void {
  const stay = visit.kind === 'inpatient';
  if (!stay && !chart.random.chance(0.02)) return;
  const { practitioner, site } = chart;
  const text = note(chart, visit);
  const period = { start: instant(visit.start), end: instant(visit.end) };
  write(chart, 'DocumentReference', {
    status: 'current',
    docStatus: 'final',
    type: concept(
      system.loinc,
      stay ? ['18842-5', 'Discharge summary'] : ['11506-3', 'Progress note'],
    ),
    category: [status('v3-ActClass', 'DOC')],
    subject: subject(chart),
    date: instant(visit.end),
    author: [reference('Practitioner', practitioner.id, practitioner.name)],
    custodian: reference('Organization', site.organization.id, site.organization.name),
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en-US',
          data: Buffer.from(text, 'utf8').toString('base64'),
          title: stay ? 'Discharge summary' : 'Progress note',
          creation: instant(visit.end),
        },
      },
    ],
    context: { encounter: [reference('Encounter', visit.id)], period },
  });
}

function note(chart: Chart, visit: Visit): string {
  const reason = visit.problem?.code[1] ?? 'routine examination';
  return [
    `${fullName(chart.person)} was seen by ${chart.practitioner.name} at ${chart.site.organization.name}`,
    `from ${instant(visit.start)} to ${instant(visit.end)}.`,
    `Reason: ${reason}. Course without complications.`,
    visit.kind === 'inpatient' ? 'Discharged home in stable condition.' : 'Return as needed.',
    'Synthetic text about nobody.',
  ].join(' ');
}
