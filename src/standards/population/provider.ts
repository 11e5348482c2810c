import type { Code } from './coding.ts';
import { concept, reference, terminology } from './coding.ts';
import { heritages } from './name-list.ts';
import type { Place } from './place-list.ts';
import { places, streets } from './place-list.ts';
import { Random } from './random.ts';
import type { Elements, Resource } from './resource.ts';
import { stream } from './stream.ts';

export interface Named {
  id: string;
  name: string;
}

/** A place of care with those who work there. */
export interface Site {
  organization: Named;
  office: Named;
  ward: Named;
  practitioners: readonly [Named, ...Named[]];
  place: Place;
}

export interface Directory {
  sites: readonly Site[];
  payers: { medicare: Named; medicaid: Named; commercial: readonly Named[] };
  resources: readonly Resource[];
}

const siteNames =
  'Harborview Family Health|Kettle Pond Medical Center|Lantern Hill Clinic|Granite Street Hospital|Orchard Community Health|Ferry Landing Medical Group|Summit Ridge Hospital|Meadowbrook Primary Care|Juniper Health Center|Heron Point Hospital|Quarry Road Clinic|Birchwood Medical Associates'.split(
    '|',
  );
const commercialPayers = ['Blue Heron Health Plan', 'Evergreen Mutual', 'Northfield Benefit Trust'];
const practitionersPerSite = 4;

// Specialties: NUCC Health Care Provider Taxonomy.
const specialties: readonly Code[] = [
  ['207Q00000X', 'Family Medicine Physician'],
  ['207R00000X', 'Internal Medicine Physician'],
  ['208000000X', 'Pediatrics Physician'],
  ['363LF0000X', 'Family Nurse Practitioner'],
];

export function phone(random: Random, place: Place): string {
  return `+1-${place.areaCode}-555-01${random.digits(2)}`;
}

export function address(random: Random, place: Place): Elements {
  return {
    line: [`${random.integer(1, 990)} ${random.pick(streets)}`],
    city: place.city,
    district: place.county,
    state: place.state,
    postalCode: place.postalCode,
    country: 'US',
  };
}

/** NPIs start with 1 or 2 (45 CFR 162.406): one starting with 9999 is nobody's. */
const npi = (random: Random) => ({
  system: 'http://hl7.org/fhir/sid/us-npi',
  value: `9999${random.digits(6)}`,
});

/** Everyone who is not a patient: the same for every patient of a seed. */
export function directory(seed: number): Directory {
  const random = new Random(seed, 0, stream.providers);
  const resources: Resource[] = [];
  const payer = (name: string): Named => {
    const id = random.uuid();
    resources.push(organization(random, { id, name }, ['pay', 'Payer'], random.pick(places)));
    return { id, name };
  };
  const payers = {
    medicare: payer('Medicare (synthetic)'),
    medicaid: payer('Medicaid (synthetic)'),
    commercial: commercialPayers.map(payer),
  };
  const sites = siteNames.map((name) => site(random, name, resources));
  return { sites, payers, resources };
}

function site(random: Random, name: string, resources: Resource[]): Site {
  const place = random.weighted(places, (row) => row.weight);
  const here = { id: random.uuid(), name };
  resources.push(organization(random, here, ['prov', 'Healthcare Provider'], place));
  const office = { id: random.uuid(), name: `${name}, Outpatient` };
  const ward = { id: random.uuid(), name: `${name}, Ward` };
  resources.push(location(random, office, here, place, ['OF', 'Outpatient facility']));
  resources.push(location(random, ward, here, place, ['HU', 'Hospital unit']));
  const staff = Array.from({ length: practitionersPerSite }, (_, position) =>
    practitioner(random, place, specialties[position % specialties.length] ?? ['', '']),
  );
  resources.push(...staff.map((member) => member.resource));
  const [first, ...others] = staff.map((member) => member.named);
  if (first === undefined) throw new RangeError('a site without practitioners');
  return { organization: here, office, ward, practitioners: [first, ...others], place };
}

function organization(random: Random, named: Named, type: Code, place: Place): Resource {
  return {
    resourceType: 'Organization',
    id: named.id,
    identifier: [npi(random)],
    active: true,
    type: [concept(terminology('organization-type'), type)],
    name: named.name,
    telecom: [{ system: 'phone', value: phone(random, place), use: 'work' }],
    address: [address(random, place)],
  };
}

function location(random: Random, named: Named, owner: Named, place: Place, type: Code): Resource {
  return {
    resourceType: 'Location',
    id: named.id,
    status: 'active',
    name: named.name,
    mode: 'instance',
    type: [concept(terminology('v3-RoleCode'), type)],
    telecom: [{ system: 'phone', value: phone(random, place), use: 'work' }],
    address: address(random, place),
    position: { longitude: place.longitude, latitude: place.latitude },
    managingOrganization: reference('Organization', owner.id, owner.name),
  };
}

function practitioner(random: Random, place: Place, specialty: Code) {
  const heritage = random.weighted(heritages, (row) => row.share);
  const female = random.chance(0.5);
  const given = random.frequent(female ? heritage.female : heritage.male);
  const family = random.frequent(heritage.family);
  const named: Named = { id: random.uuid(), name: `Dr. ${given} ${family}` };
  const resource: Resource = {
    resourceType: 'Practitioner',
    id: named.id,
    identifier: [npi(random)],
    active: true,
    name: [{ use: 'official', text: named.name, family, given: [given], prefix: ['Dr.'] }],
    telecom: [{ system: 'phone', value: phone(random, place), use: 'work' }],
    address: [address(random, place)],
    gender: female ? 'female' : 'male',
    qualification: [{ code: concept('http://nucc.org/provider-taxonomy', specialty) }],
  };
  return { named, resource };
}
