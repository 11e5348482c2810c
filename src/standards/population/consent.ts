import { instant, year } from './calendar.ts';
import type { Chart } from './chart.ts';
import { subject, write } from './chart.ts';
import type { Code } from './coding.ts';
import { coding, concept, reference, system, terminology } from './coding.ts';
import type { Elements } from './resource.ts';
import type { Visit } from './visit.ts';

const actReason = (code: Code) => coding(terminology('v3-ActReason'), code);
const treatment: Code = ['TREAT', 'treatment'];
const payment: Code = ['HPAYMT', 'healthcare payment'];
const research: Code = ['HRESCH', 'healthcare research'];

/**
 * One privacy consent per patient. The rule is opt-in or opt-out; FHIR R4 forbids a type on the
 * root provision and wants one on each nested provision (consent-definitions,
 * Consent.provision.type).
 */
export function writeConsent(chart: Chart, signedAt: Visit | undefined): void {
  const { person, random, site } = chart;
  const signed = signedAt?.end ?? person.start + (person.end - person.start) / 2;
  const refuses = random.chance(0.06);
  const policy: Code = refuses ? ['OPTOUT', 'opt-out'] : ['OPTIN', 'opt-in'];
  write(chart, 'Consent', {
    status: 'active',
    scope: concept(terminology('consentscope'), ['patient-privacy', 'Privacy Consent']),
    category: [concept(system.loinc, ['59284-0', 'Consent Document'])],
    patient: subject(chart),
    dateTime: instant(signed),
    performer: [subject(chart)],
    organization: [reference('Organization', site.organization.id, site.organization.name)],
    policyRule: concept(system.actCode, policy),
    provision: {
      period: { start: instant(signed), end: instant(signed + 15 * year) },
      provision: refuses ? onlyTreatment(chart) : mostPurposes(chart),
    },
  });
}

function onlyTreatment(chart: Chart): Elements[] {
  return [{ type: 'permit', actor: [custodian(chart)], purpose: [actReason(treatment)] }];
}

function mostPurposes(chart: Chart): Elements[] {
  const { random } = chart;
  const nested: Elements[] = [
    {
      type: 'permit',
      actor: [custodian(chart)],
      purpose: [actReason(treatment), actReason(payment)],
    },
    { type: random.chance(0.35) ? 'deny' : 'permit', purpose: [actReason(research)] },
  ];
  if (random.chance(0.08)) {
    nested.push({
      type: 'deny',
      class: [
        coding('http://hl7.org/fhir/resource-types', ['DocumentReference', 'DocumentReference']),
      ],
    });
  }
  if (random.chance(0.05)) {
    nested.push({
      type: 'deny',
      securityLabel: [coding(terminology('v3-Confidentiality'), ['R', 'restricted'])],
    });
  }
  return nested;
}

function custodian(chart: Chart): Elements {
  const { organization } = chart.site;
  return {
    role: concept(terminology('v3-ParticipationType'), ['CST', 'custodian']),
    reference: reference('Organization', organization.id, organization.name),
  };
}
