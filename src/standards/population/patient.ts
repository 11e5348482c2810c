import { date, day, instant } from './calendar.ts';
import type { Chart } from './chart.ts';
import { write } from './chart.ts';
import type { Code } from './coding.ts';
import { coding, concept, reference, terminology } from './coding.ts';
import type { Person } from './person.ts';
import { ageAt } from './person.ts';
import { address, phone } from './provider.ts';
import type { Elements } from './resource.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';
const raceSystem = 'urn:oid:2.16.840.1.113883.6.238';
// HL7 v3 MaritalStatus.
const marital: Readonly<Record<string, Code>> = {
  never: ['S', 'Never Married'],
  married: ['M', 'Married'],
  divorced: ['D', 'Divorced'],
  widowed: ['W', 'Widowed'],
};

export function writePatient(chart: Chart): void {
  const { person, random, practitioner, site } = chart;
  const adult = ageAt(person, person.end) >= 18;
  const elements: Elements = {
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">Synthetic patient, born ${date(person.birth)}: made by a generator, nobody's record.</div>`,
    },
    extension: extensions(person),
    identifier: identifiers(chart, adult),
    active: person.death === undefined,
    name: names(person, adult),
    telecom: telecom(chart, adult),
    gender: person.sex,
    birthDate: date(person.birth),
    ...(person.death === undefined ? {} : { deceasedDateTime: instant(person.death) }),
    address: [home(chart)],
    ...(adult ? { maritalStatus: maritalStatus(chart) } : {}),
    ...(random.chance(0.02) ? { multipleBirthInteger: 2 } : { multipleBirthBoolean: false }),
    contact: [contact(chart, adult)],
    communication: [
      { language: concept('urn:ietf:bcp:47', person.heritage.language), preferred: true },
    ],
    generalPractitioner: [reference('Practitioner', practitioner.id, practitioner.name)],
    managingOrganization: reference('Organization', site.organization.id, site.organization.name),
  };
  write(chart, 'Patient', elements, person.id);
}

function extensions(person: Person): Elements[] {
  const { race, hispanic } = person.heritage;
  const ethnicity: Code = hispanic
    ? ['2135-2', 'Hispanic or Latino']
    : ['2186-5', 'Not Hispanic or Latino'];
  const category = (name: string, code: Code): Elements => ({
    url: `${usCore}/${name}`,
    extension: [
      { url: 'ombCategory', valueCoding: coding(raceSystem, code) },
      { url: 'text', valueString: code[1] },
    ],
  });
  return [
    category('us-core-race', race),
    category('us-core-ethnicity', ethnicity),
    { url: `${usCore}/us-core-birthsex`, valueCode: person.sex === 'female' ? 'F' : 'M' },
  ];
}

/** Social security numbers from 900 on are never issued (SSA, POMS RM 10201.035). */
function identifiers(chart: Chart, adult: boolean): Elements[] {
  const { random } = chart;
  const typed = (type: Code, system: string, value: string): Elements => ({
    type: concept(terminology('v2-0203'), type),
    system,
    value,
  });
  const mrn = typed(
    ['MR', 'Medical record number'],
    'urn:oid:2.16.840.1.113883.19.5',
    `MC${random.digits(8)}`,
  );
  const social = typed(
    ['SS', 'Social Security number'],
    'http://hl7.org/fhir/sid/us-ssn',
    `999-${random.integer(10, 99)}-${random.digits(4)}`,
  );
  const driving = typed(
    ['DL', "Driver's license number"],
    'urn:oid:2.16.840.1.113883.4.3.25',
    `S999${random.digits(5)}`,
  );
  return [
    { use: 'usual', ...mrn },
    social,
    ...(adult && chart.person.home.state === 'MA' ? [driving] : []),
  ];
}

function names(person: Person, adult: boolean): Elements[] {
  const { family, given } = person;
  const prefix = adult ? { prefix: [person.sex === 'female' ? 'Ms.' : 'Mr.'] } : {};
  const official = {
    use: 'official',
    text: `${given.join(' ')} ${family}`,
    family,
    given,
    ...prefix,
  };
  return person.maidenName === undefined
    ? [official]
    : [official, { use: 'maiden', family: person.maidenName, given }];
}

function telecom(chart: Chart, adult: boolean): Elements[] {
  const { person, random } = chart;
  const mailbox = `${person.given[0] ?? ''}.${person.family}${random.integer(1, 999)}`
    .normalize('NFD')
    .replaceAll(/đ/gi, 'd')
    .replaceAll(/[^A-Za-z0-9.]/g, '')
    .toLowerCase();
  const elements: Elements[] = [
    { system: 'phone', value: phone(random, person.home), use: 'home', rank: 2 },
  ];
  if (adult) {
    elements.push({ system: 'phone', value: phone(random, person.home), use: 'mobile', rank: 1 });
    elements.push({ system: 'email', value: `${mailbox}@example.org`, use: 'home' });
  }
  return elements;
}

function home(chart: Chart): Elements {
  const { person, random } = chart;
  const near = (degrees: number) => Number((degrees + random.between(-0.05, 0.05)).toFixed(4));
  const since = Math.max(person.birth, person.start - random.integer(0, 3000) * day);
  return {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/geolocation',
        extension: [
          { url: 'latitude', valueDecimal: near(person.home.latitude) },
          { url: 'longitude', valueDecimal: near(person.home.longitude) },
        ],
      },
    ],
    use: 'home',
    type: 'both',
    ...address(random, person.home),
    period: { start: date(Math.max(since, person.birth + day / 2)) },
  };
}

function maritalStatus(chart: Chart): Elements {
  const age = ageAt(chart.person, chart.person.end);
  const draw = chart.random.unit();
  const key =
    draw < (age < 30 ? 0.75 : 0.2)
      ? 'never'
      : age > 70 && draw > 0.65
        ? 'widowed'
        : draw > 0.85
          ? 'divorced'
          : 'married';
  return concept(terminology('v3-MaritalStatus'), marital[key] ?? ['UNK', 'unknown']);
}

function contact(chart: Chart, adult: boolean): Elements {
  const { person, random } = chart;
  const relation: Code = adult ? ['N', 'Next-of-Kin'] : ['C', 'Emergency Contact'];
  const other = random.chance(0.5) ? 'female' : 'male';
  return {
    relationship: [concept(terminology('v2-0131'), relation)],
    name: { family: person.family, given: [random.frequent(person.heritage[other])] },
    telecom: [{ system: 'phone', value: phone(random, person.home), use: 'mobile' }],
    gender: other,
  };
}
