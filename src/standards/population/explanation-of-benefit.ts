import { day, instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Line } from './claim.ts';
import { concept, money, reference, status, system } from './coding.ts';
import type { Insured } from './coverage.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

/** The payer's answer to a claim; who pays themselves gets the statement from the practice. */
export function writeExplanationOfBenefit(
  chart: Chart,
  visit: Visit,
  claim: { id: string; lines: Line[] },
  insured: Insured,
): void {
  const { practitioner, site, person, random } = chart;
  const created = Math.min(visit.end + random.integer(2, 20) * day, person.end);
  const payer = insured.payer ?? site.organization;
  const submitted = claim.lines.reduce((sum, line) => sum + line.cents, 0);
  const paid = claim.lines.reduce((sum, line) => sum + settle(line, insured).benefit, 0);
  write(chart, 'ExplanationOfBenefit', {
    identifier: [{ system: `urn:uuid:${payer.id}`, value: `EOB-${random.digits(10)}` }],
    status: 'active',
    type: status('claim-type', visit.kind === 'inpatient' ? 'institutional' : 'professional'),
    use: 'claim',
    patient: subject(chart),
    billablePeriod: { start: instant(visit.start), end: instant(visit.end) },
    created: instant(created),
    insurer: reference('Organization', payer.id, payer.name),
    provider: reference('Practitioner', practitioner.id, practitioner.name),
    claim: reference('Claim', claim.id),
    outcome: 'complete',
    careTeam: [
      {
        sequence: 1,
        provider: reference('Practitioner', practitioner.id, practitioner.name),
        role: status('claimcareteamrole', 'primary'),
      },
    ],
    ...diagnosis(visit),
    insurance: [{ focal: true, coverage: reference('Coverage', insured.coverage, insured.name) }],
    item: claim.lines.map((line, position) => item(visit, line, position, insured)),
    total: [
      { category: status('adjudication', 'submitted'), amount: money(submitted) },
      { category: status('adjudication', 'benefit'), amount: money(paid) },
    ],
    payment: { date: instant(created).slice(0, 10), amount: money(paid) },
  });
}

function diagnosis(visit: Visit): Elements {
  if (!visit.problem) return {};
  const condition = reference('Condition', visit.problem.id);
  return {
    diagnosis: [
      {
        sequence: 1,
        diagnosisReference: condition,
        type: [status('ex-diagnosistype', 'principal')],
      },
    ],
  };
}

/** Payers allow about four fifths of what is submitted. */
function settle(line: Line, insured: Insured) {
  const eligible = insured.payer ? Math.round(line.cents * 0.8) : line.cents;
  const copay = Math.round(eligible * insured.copayShare);
  return { copay, benefit: eligible - copay };
}

function item(visit: Visit, line: Line, position: number, insured: Insured): Elements {
  const { copay, benefit } = settle(line, insured);
  const amount = (category: string, cents: number) => ({
    category: status('adjudication', category),
    amount: money(cents),
  });
  return {
    sequence: position + 1,
    ...(visit.problem ? { diagnosisSequence: [1] } : {}),
    productOrService: concept(system.snomed, line.code),
    servicedPeriod: { start: instant(visit.start), end: instant(visit.end) },
    net: money(line.cents),
    ...(position === 0 ? { encounter: [reference('Encounter', visit.id)] } : {}),
    adjudication: [
      amount('submitted', line.cents),
      amount('copay', copay),
      amount('benefit', benefit),
    ],
  };
}
