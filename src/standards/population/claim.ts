import { instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { concept, money, reference, status, system } from './coding.ts';
import type { Insured } from './coverage.ts';
import { visitType } from './encounter.ts';
import type { Prescription } from './medication-request.ts';
import type { Elements } from './resource.ts';
import type { Visit, VisitKind } from './visit.ts';

/** A line of a claim: what, and its price in cents. */
export interface Line {
  code: Code;
  cents: number;
}

// Dollars: rounded from the Medicare fee schedule of 2024, the stay from HCUP.
const prices: Readonly<Record<VisitKind, number>> = {
  wellness: 142,
  'follow-up': 92,
  acute: 118,
  emergency: 640,
  inpatient: 11_400,
  screening: 165,
};

export function linesOf(chart: Chart, visit: Visit, procedures: readonly Code[]): Line[] {
  const { random } = chart;
  const around = (dollars: number) => Math.round(dollars * random.between(85, 125));
  return [
    { code: visitType(chart, visit), cents: around(prices[visit.kind]) },
    ...procedures.map((code) => ({ code, cents: around(95) })),
  ];
}

export function writeClaim(chart: Chart, visit: Visit, lines: Line[], insured: Insured): string {
  const diagnosis = visit.problem
    ? [{ sequence: 1, diagnosisReference: reference('Condition', visit.problem.id) }]
    : undefined;
  return write(chart, 'Claim', {
    status: 'active',
    type: status('claim-type', visit.kind === 'inpatient' ? 'institutional' : 'professional'),
    use: 'claim',
    patient: subject(chart),
    billablePeriod: { start: instant(visit.start), end: instant(visit.end) },
    created: instant(visit.end),
    ...parties(chart, insured),
    ...(diagnosis ? { diagnosis } : {}),
    item: lines.map((line, position) => ({
      sequence: position + 1,
      ...(diagnosis ? { diagnosisSequence: [1] } : {}),
      productOrService: concept(system.snomed, line.code),
      net: money(line.cents),
      ...(position === 0 ? { encounter: [reference('Encounter', visit.id)] } : {}),
    })),
    total: money(lines.reduce((sum, line) => sum + line.cents, 0)),
  });
}

export function writePharmacyClaim(chart: Chart, script: Prescription, insured: Insured): void {
  const { visit, drug, problem } = script;
  const cents = Math.round(chart.random.between(800, 9500));
  write(chart, 'Claim', {
    status: 'active',
    type: status('claim-type', 'pharmacy'),
    use: 'claim',
    patient: subject(chart),
    billablePeriod: { start: instant(visit.start), end: instant(visit.end) },
    created: instant(visit.end),
    ...parties(chart, insured),
    prescription: reference('MedicationRequest', script.id),
    diagnosis: [{ sequence: 1, diagnosisReference: reference('Condition', problem.id) }],
    item: [
      {
        sequence: 1,
        productOrService: concept(system.rxnorm, drug.code),
        net: money(cents),
        encounter: [reference('Encounter', visit.id)],
      },
    ],
    total: money(cents),
  });
}

function parties(chart: Chart, insured: Insured): Elements {
  const { organization } = chart.site;
  return {
    ...(insured.payer
      ? { insurer: reference('Organization', insured.payer.id, insured.payer.name) }
      : {}),
    provider: reference('Organization', organization.id, organization.name),
    priority: status('processpriority', 'normal'),
    insurance: [
      { sequence: 1, focal: true, coverage: reference('Coverage', insured.coverage, insured.name) },
    ],
  };
}
