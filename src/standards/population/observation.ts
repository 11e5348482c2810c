import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { coding, concept, reference, system, terminology } from './coding.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

const categories = {
  'vital-signs': 'Vital Signs',
  laboratory: 'Laboratory',
  'social-history': 'Social History',
  survey: 'Survey',
} as const;

/** One final observation made at a visit; the value and what else it has come as `elements`. */
export function writeObservation(
  chart: Chart,
  visit: Visit,
  kind: { category: keyof typeof categories; loinc: Code },
  elements: Elements,
): string {
  const when = instant(visit.start);
  const laboratory = kind.category === 'laboratory';
  return write(chart, 'Observation', {
    status: 'final',
    category: [
      {
        coding: [
          coding(terminology('observation-category'), [kind.category, categories[kind.category]]),
        ],
      },
    ],
    code: concept(system.loinc, kind.loinc),
    subject: subject(chart),
    encounter: reference('Encounter', visit.id),
    effectiveDateTime: when,
    issued: when,
    performer: laboratory
      ? [reference('Organization', chart.site.organization.id)]
      : [reference('Practitioner', chart.practitioner.id)],
    ...elements,
  });
}

const names = { L: 'Low', N: 'Normal', H: 'High' } as const;

export function interpretation(value: number, low = -Infinity, high = Infinity): Elements[] {
  const code = value < low ? 'L' : value > high ? 'H' : 'N';
  return [{ coding: [coding(system.interpretation, [code, names[code]])] }];
}
