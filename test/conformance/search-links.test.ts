import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  idsOf,
  linkOf,
  type TestRecords,
  testRecords,
} from '../records.ts';
import { findings, others, people, places } from './linked-record.ts';
import { holds, store } from './query-case.ts';

let r: TestRecords;
let admin: Asker;
const who = () => admin;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  await store(admin, [...places, ...people, ...findings, ...others]);
});
after(() => r.close());

holds('a composite looks in one occurrence (search.html#composite)', who, [
  ['Observation?component-code-value-quantity=8480-6$gt130', 'bp1'],
  ['Observation?component-code-value-quantity=http://loinc.org|8480-6$140', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$lt100', ''],
  ['Observation?component-code-value-quantity=8462-4$lt80,8480-6$gt130', 'bp1 bp2'],
  [
    'Observation?component-code-value-quantity=8462-4$gt80&component-code-value-quantity=8480-6$gt130',
    'bp1',
  ],
  ['Observation?code-value-quantity=http://loinc.org|8867-4$80', 'hr'],
  [
    'Observation?code-value-quantity=http://loinc.org|8867-4$gt50|http://unitsofmeasure.org|/min',
    'hr hrb',
  ],
  ['Observation?combo-code-value-quantity=8480-6$ge110,8867-4$60', 'bp1 bp2 hrb'],
  ['Observation?code-value-concept=xyz$http://v|pos', 'cc'],
  ['Observation?code-value-string=abc$blue', 'str'],
  ['Observation?code-value-string=abc$blue%5C,%20light', 'str'],
  ['Observation?code-value-date=abc$2020', ''],
  ['Group?characteristic-value=gender$mixed', 'g'],
  ['Group?characteristic-value=gender$other', ''],
  ['Group?characteristic=gender&value=other', 'g'],
  ['Observation?code-value-quantity=8867-4', 400],
]);
holds('a chain asks of the one referred to (search.html#chaining)', who, [
  ['Observation?subject:Patient.name=alpha', 'bp1 bp2 hr'],
  ['Observation?subject.name=beta', 'hrb str'],
  ['Observation?patient.name=beta', 'hrb str'],
  ['Observation?patient.gender=female&code=8867-4', 'hr'],
  ['Observation?patient.organization.name=leaf', 'bp1 bp2 hr'],
  ['Observation?subject:Patient.organization:Organization.partof.name=middle', 'bp1 bp2 hr'],
  ['Observation?patient.organization.partof.partof.name=root', 'bp1 bp2 hr'],
  ['Observation?patient._id=a', 'bp1 bp2 hr'],
  ['Observation?patient.identifier=http://mrn|B', 'hrb str'],
  ['Observation?patient.birthdate=gt1985', 'hrb str cc'],
  ['Observation?patient.general-practitioner:Practitioner.family=welby', 'bp1 bp2 hr'],
  ['Observation?patient.name=alpha,beta', 'bp1 bp2 hr hrb str'],
  ['Observation?patient.gender:missing=true', 'cc'],
  ['Observation?patient.gender:not=male', 'bp1 bp2 hr cc'],
  ['Observation?encounter.class=AMB', 'bp1 bp2'],
  ['DiagnosticReport?result.code=8867-4', 'dx'],
  ['DiagnosticReport?result.code-value-quantity=8867-4$80', 'dx'],
  ['DiagnosticReport?result.subject:Patient.name=alpha', 'dx'],
  ['MedicationRequest?medication.code=m1', 'mr'],
  ['MedicationRequest?medication.code=http://rx|m1', 'mr'],
  ['Patient?organization.name:contains=ea', 'a'],
  ['Patient?name.family=x', 400],
  ['Observation?subject:Patient.nothing=x', 400],
]);
holds('_has asks of those that refer (search.html#has)', who, [
  ['Patient?_has:Observation:patient:code=8867-4', 'a b'],
  ['Patient?_has:Observation:subject:code=http://loinc.org|85354-9', 'a'],
  ['Patient?_has:Observation:patient:code=8867-4&_has:Condition:patient:code=1', 'a'],
  ['Patient?_has:Observation:patient:code=abc,xyz', 'b c'],
  ['Patient?_has:Observation:patient:value-quantity=gt70', 'a'],
  ['Patient?_has:Observation:patient:date=2021', 'b'],
  ['Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final', 'a'],
  ['Patient?_has:Observation:patient:_has:Provenance:target:agent=dr', 'a'],
  ['Patient?_has:Encounter:patient:class=IMP&gender=male', 'b'],
  ['Practitioner?_has:PractitionerRole:practitioner:specialty=cardio', 'dr'],
  ['Organization?_has:Patient:organization:name=alpha', 'leaf'],
  ['Encounter?patient._has:Group:member:_id=g', 'ea eb'],
  ['Patient?_has:Group:member:_id=g', 'a b'],
  ['Observation?patient._has:Encounter:patient:status=in-progress', 'hrb str'],
  ['Patient?_has:Observation:patient:encounter.class=AMB', 'a'],
  ['Patient?_has:Nothing:patient:code=1', 400],
  ['Patient?_has:Observation:nothing:code=1', 400],
]);
holds('a reference by its forms', who, [
  ['Observation?subject=Patient/a', 'bp1 bp2 hr'],
  ['Observation?subject=a', 'bp1 bp2 hr'],
  ['Observation?patient=a,b', 'bp1 bp2 hr hrb str'],
  ['Observation?patient=Patient/a', 'bp1 bp2 hr'],
  ['Observation?subject:Patient=a', 'bp1 bp2 hr'],
  ['Observation?subject:Group=a', ''],
  ['Observation?subject=http://other.example.org/fhir/Patient/z', 'ext'],
  ['Observation?subject=z', ''],
  ['Observation?subject:identifier=http://mrn|L', 'log'],
  ['Observation?patient:identifier=http://mrn|L', 'log'],
  ['Observation?subject:identifier=L', 'log'],
  ['Observation?subject:missing=true', ''],
  ['Provenance?target=Observation/hr&agent=Practitioner/dr', 'prov'],
  ['Provenance?target=Observation/bp1&agent=dr', 'prov'],
  ['Composition?entry=Observation/hr', 'comp'],
  ['Composition?author=dr', 'comp'],
  ['List?item=Patient/a', 'l'],
]);
holds('meta is searched', who, [
  ['Basic?_id=tagged', 'tagged'],
  ['Patient?_id=a,b', 'a b'],
  ['Patient?_id=a&_id=b', ''],
  ['Patient?_id=zzz', ''],
  ['Patient?_id:not=a', 'b c'],
  ['Basic?_tag=http://t|T1', 'tagged'],
  ['Basic?_tag=T1', 'tagged'],
  ['Basic?_tag=http://t|', 'tagged'],
  ['Basic?_tag:not=T1', ''],
  ['Basic?_security=N', 'tagged'],
  ['Basic?_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N', 'tagged'],
  ['Basic?_profile=http://example.org/p|1.0', 'tagged'],
  ['Basic?_profile=http://example.org/p', 'tagged'],
  ['Basic?_profile:below=http://example.org/p', 'tagged'],
  ['Basic?_profile=http://example.org', ''],
  ['Basic?_source=http://source.example.org%231', 'tagged'],
  ['Basic?_lastUpdated=gt2020', 'tagged'],
  ['Basic?_lastUpdated=lt2020', ''],
  ['Basic?_lastUpdated=ge2020-01-01&_lastUpdated=lt2100-01-01', 'tagged'],
  ['Patient?_list=l', 'a c'],
  ['Patient?_list=List/l', 'a c'],
  ['Observation?_list=l', 'hr'],
  ['Patient?_list=none', ''],
  ['Patient?_filter=name%20co%20"alph"', 'a'],
  ['Patient?_filter=gender%20eq%20male%20or%20birthdate%20gt%201999', 'b c'],
  ['Patient?_filter=not(gender%20eq%20male)', 'a c'],
  [
    'Patient?_filter=(family%20eq%20"alpha"%20or%20family%20sw%20"be")%20and%20gender%20eq%20female',
    'a',
  ],
  ['Patient?_filter=bogus', 400],
]);
holds('text is found', who, [
  ['Condition?code:text=head', 'con'],
  ['Condition?code:text=headache', 'con'],
  ['Condition?code:text=chronic', ''],
  ['Condition?code:text=migraine', 'words'],
  ['Condition?code:not=1', 'words'],
  ['Condition?onset-info=as%20a', 'words'],
  ['Condition?onset-info:contains=child', 'words'],
  ['Condition?onset-date:missing=true', 'con words'],
  ['Observation?code:text=heart', 'hr hrb'],
  ['Observation?code:text=pulse', 'hr'],
  ['Condition?code:not=http://snomed.info/sct|1', 'words'],
  ['Observation?code:not=8867-4,85354-9', 'str cc ext log'],
  ['Condition?onset-age=40', 'con'],
  ['Condition?onset-age=gt39|http://unitsofmeasure.org|a', 'con'],
  ['Condition?clinical-status=active', 'con'],
  [
    'Observation?code:in=http://hl7.org/fhir/ValueSet/observation-vitalsignresult',
    'bp1 bp2 hr hrb',
  ],
  [
    'Observation?code:not-in=http://hl7.org/fhir/ValueSet/observation-vitalsignresult',
    'str cc ext log',
  ],
  [
    'Condition?clinical-status:below=http://terminology.hl7.org/CodeSystem/condition-clinical|active',
    'con',
  ],
  ['Condition?clinical-status:in=http://hl7.org/fhir/ValueSet/condition-clinical', 'con'],
  [
    'Condition?clinical-status:above=http://terminology.hl7.org/CodeSystem/condition-clinical|recurrence',
    'con',
  ],
  ['Condition?subject:text=some', 'words'],
  ['Location?near=42.25|-83.69|1|km', 'loc'],
  ['Location?near=40|-83.69|1|km', ''],
]);
holds('compartments (search.html#2.1.1.2, compartmentdefinition-patient)', who, [
  ['Patient/a/Observation', 'bp1 bp2 hr'],
  ['Patient/a/Observation?code=8867-4', 'hr'],
  ['Patient/a/Encounter', 'ea'],
  ['Patient/a/Condition?code=1', 'con'],
  ['Patient/a/MedicationRequest', 'mr'],
  ['Practitioner/dr/Encounter', 'ea'],
  ['Encounter/ea/Observation', 'bp1 bp2'],
  ['Patient/b/Patient', 'a b'],
]);
holds('several types at once (http.html#search-system)', who, [
  ['?_type=Patient,Practitioner', 'a b c dr'],
  ['?_type=Patient&_id=a', 'a'],
  ['?_id=a', 'a'],
  ['?_type=Observation,Condition&code=8867-4,1', 'hr hrb con'],
  ['?_tag=http://t|T1', 'tagged'],
  ['?_type=Observation,DiagnosticReport&patient=a&status=final', 'bp1 bp2 hr dx'],
  ['?_type=Nothing', 400],
]);
holds('parameters that do not fit', who, [
  ['Patient?nothing=1', 400],
  ['Patient?name:nothing=1', 400],
  ['Patient?gender:exact=male', 400],
  ['Patient?birthdate:contains=1', 400],
  ['Patient?_sort=nothing', 400],
  ['Patient?_count=x', 400],
  ['Patient?_include=Patient:nothing', 400],
  ['Patient?_include=nothing', 400],
  ['Patient?_summary=nothing', 400],
  ['Patient?_total=nothing', 400],
  ['Patient?name=', 'a b c'],
  ['Patient?_count=-1', 400],
  ['Patient?gender:missing=maybe', 400],
]);

test('what is not known is ignored and named when asked to be lenient (search.html#errors)', async () => {
  const lenient = await admin.get('/fhir/Patient?nothing=1&_id=a', { prefer: 'handling=lenient' });
  assert.equal(lenient.status, 200);
  assert.deepEqual(idsOf(lenient), ['a']);
  assert.ok(!selfOf(lenient).includes('nothing'), 'self holds only what was done');
  const outcome = lenient.body.entry?.find(({ search }) => search?.mode === 'outcome');
  assert.equal(outcome?.resource.resourceType, 'OperationOutcome');
  const strict = await admin.get('/fhir/Patient?nothing=1', { prefer: 'handling=strict' });
  assert.equal(strict.status, 400);
});

const selfOf = (answer: Answer) => linkOf(answer, 'self') ?? '';
const both = (answer: Answer) => [
  idsOf(answer, 'match').sort().join(' '),
  idsOf(answer, 'include').sort().join(' '),
];
const includes: [query: string, matches: string, included: string][] = [
  ['Observation?_id=hr&_include=Observation:subject', 'hr', 'a'],
  ['Observation?_id=hr&_include=Observation:patient', 'hr', 'a'],
  ['Observation?_id=hr&_include=Observation:subject:Patient', 'hr', 'a'],
  ['Observation?_id=hr&_include=Observation:subject:Group', 'hr', ''],
  ['Observation?_id=hr&_include=Observation:subject&_include=Observation:performer', 'hr', 'a dr'],
  ['Observation?_id=hr&_include=Observation:*', 'hr', 'a dr'],
  ['Observation?_id=hr&_include=*', 'hr', 'a dr'],
  ['Observation?_id=hr,bp1&_include=Observation:subject', 'bp1 hr', 'a'],
  [
    'Observation?_id=hr&_include=Observation:subject&_include:iterate=Patient:organization',
    'hr',
    'a leaf',
  ],
  [
    'Observation?_id=hr&_include=Observation:subject&_include:iterate=Patient:organization&_include:iterate=Organization:partof',
    'hr',
    'a leaf mid root',
  ],
  ['Organization?_id=leaf&_include:iterate=Organization:partof', 'leaf', 'mid root'],
  ['Organization?_id=leaf&_include=Organization:partof', 'leaf', 'mid'],
  ['Observation?_id=hrb&_include:iterate=Observation:has-member', 'hrb', 'hr'],
  ['Patient?_id=a&_revinclude=Observation:subject', 'a', 'bp1 bp2 hr'],
  [
    'Patient?_id=a&_revinclude=Observation:patient&_revinclude=Condition:patient',
    'a',
    'bp1 bp2 con hr',
  ],
  [
    'Patient?_id=a&_revinclude=Observation:subject&_revinclude:iterate=DiagnosticReport:result',
    'a',
    'bp1 bp2 dx hr',
  ],
  ['Observation?_id=hr&_revinclude=Provenance:target', 'hr', 'prov'],
  ['Observation?_id=bp1&_revinclude=Provenance:target', 'bp1', 'prov'],
  ['Observation?_id=bp2&_revinclude=Provenance:target', 'bp2', ''],
  ['Observation?_id=hr&_revinclude=DiagnosticReport:result', 'hr', 'dx'],
  ['Patient?_id=b&_revinclude=*', 'b', 'a eb g hrb str'],
  ['Patient?_id=a,b&_revinclude=Patient:link', 'a b', ''],
  ['Patient?_id=a&_include=Patient:link', 'a', 'b'],
  ['MedicationRequest?_include=MedicationRequest:medication', 'mr', 'med'],
  [
    'MedicationRequest?_include=MedicationRequest:medication&_include:iterate=Medication:manufacturer',
    'mr',
    'med mid',
  ],
  [
    'ServiceRequest?_include=ServiceRequest:requester&_include:iterate=PractitionerRole:practitioner',
    'sr',
    'dr role',
  ],
  ['Group?_include=Group:member', 'g', 'a b'],
  ['Provenance?_id=prov&_include=Provenance:target', 'prov', 'bp1 hr'],
  ['Observation?code=none&_include=Observation:subject', '', ''],
  [
    'PractitionerRole?_include=PractitionerRole:practitioner&_include=PractitionerRole:organization',
    'role',
    'dr leaf',
  ],
];
test('_include and _revinclude (search.html#include)', async () => {
  const wrong: string[] = [];
  for (const [query, ...expected] of includes) {
    const answer = await admin.get(`/fhir/${query}`);
    const told = answer.status === 200 ? both(answer) : [answer.text];
    if (told.join('|') !== expected.join('|'))
      wrong.push(`${query}\n  is    ${told.join(' | ')}\n  wants ${expected.join(' | ')}`);
  }
  assert.equal(wrong.join('\n'), '');
});
