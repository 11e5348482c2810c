import { date, day } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { coding, reference, system, terminology } from './coding.ts';
import { ageAt } from './person.ts';
import type { Named } from './provider.ts';
import type { Elements } from './resource.ts';

/** Who pays: what claims and explanations of benefit need to know. */
export interface Insured {
  coverage: string;
  name: string;
  /** Absent for those who pay themselves. */
  payer?: Named;
  /** What the patient pays of an allowed amount. */
  copayShare: number;
}

// HL7 v3 ActCode.
const commercial: Code = ['EHCPOL', 'extended healthcare'];
const publicProgram: Code = ['PUBLICPOL', 'public healthcare'];

/** Medicare from 65, Medicaid for about a fifth, 8 % without insurance (US Census Bureau, 2022). */
export function writeCoverage(chart: Chart): Insured {
  const { person, random, directory } = chart;
  const { medicare, medicaid } = directory.payers;
  const draw = random.unit();
  if (ageAt(person, person.end) >= 65) return insured(chart, medicare, publicProgram, 0.2);
  if (draw < 0.08) return selfPay(chart);
  if (draw < 0.3) return insured(chart, medicaid, publicProgram, 0.03);
  return insured(chart, random.pick(directory.payers.commercial), commercial, 0.15);
}

function insured(chart: Chart, payer: Named, type: Code, copayShare: number): Insured {
  const { person, random } = chart;
  const group = `${random.integer(1000, 9999)}`;
  const member = `M${random.digits(9)}`;
  const coverage = write(chart, 'Coverage', {
    identifier: [{ system: `urn:uuid:${payer.id}`, value: member }],
    status: person.death === undefined ? 'active' : 'cancelled',
    type: { coding: [coding(system.actCode, type)], text: payer.name },
    policyHolder: subject(chart),
    subscriber: subject(chart),
    subscriberId: member,
    beneficiary: subject(chart),
    relationship: { coding: [coding(terminology('subscriber-relationship'), ['self', 'Self'])] },
    period: period(chart),
    payor: [reference('Organization', payer.id, payer.name)],
    class: [
      {
        type: { coding: [coding(terminology('coverage-class'), ['group', 'Group'])] },
        value: group,
        name: `Group ${group}`,
      },
    ],
  });
  return { coverage, name: payer.name, payer, copayShare };
}

function selfPay(chart: Chart): Insured {
  const coverage = write(chart, 'Coverage', {
    status: 'active',
    type: { coding: [coding(terminology('coverage-selfpay'), ['pay', 'Pay'])] },
    beneficiary: subject(chart),
    period: period(chart),
    payor: [subject(chart)],
  });
  return { coverage, name: 'Self-pay', copayShare: 1 };
}

function period(chart: Chart): Elements {
  const { start, end, birth, death } = chart.person;
  const from = date(Math.max(start, birth + day / 2));
  return death === undefined ? { start: from } : { start: from, end: date(end) };
}
