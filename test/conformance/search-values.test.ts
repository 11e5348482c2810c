import { after, before } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../records.ts';
import { holds, store } from './query-case.ts';
import { amounts, dated, named, people } from './value-record.ts';

let r: TestRecords;
let admin: Asker;
const who = () => admin;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  await store(admin, [...dated(), ...amounts(), ...people, ...named()]);
});
after(() => r.close());

const d = (value: string) => `Observation?identifier=dated&_count=50&date=${value}`;
holds('a date equals what lies within it (search.html#date)', who, [
  [d('2013'), 'y mo d s ms tz p t i'],
  [d('2013-03'), 'mo d s ms tz p i'],
  [d('2013-03-14'), 'd s ms'],
  [d('eq2013-03-14'), 'd s ms'],
  [d('2013-03-15'), 'tz i'],
  [d('2013-03-14T10:00:00Z'), 's ms'],
  [d('2013-03-14T10:00:00'), 's ms'],
  [d('2013-03-14T10:00Z'), 's ms'],
  [d('2013-03-14T05:00:00-05:00'), 's ms'],
  [d('2013-03-14T12:00:00%2B02:00'), 's ms'],
  [d('2013-03-14T10:00:00.500Z'), 'ms'],
  [d('2013-03-14T23:30:00-05:00'), 'tz'],
  [d('2013-03-15T04:30:00Z'), 'tz'],
  [d('2013-03-10,2013-03-14'), 'd s ms'],
  [d('ge2013-03-10&date=le2013-03-20'), 'mo y d s ms tz p po i'],
]);
holds('ne is what does not lie within', who, [
  [d('ne2013'), 'po pe'],
  [d('ne2013-03'), 'y po pe t'],
  [d('ne2013-03-14'), 'y mo tz p po pe t i'],
]);
holds('gt, lt, ge, le compare with what is above and below', who, [
  [d('gt2013-03-14'), 'y mo tz p po t i'],
  [d('ge2013-03-14'), 'y mo d s ms tz p po t i'],
  [d('lt2013-03-14'), 'y mo p po pe'],
  [d('le2013-03-14'), 'y mo d s ms p po pe'],
  [d('gt2013-12-31'), 'po'],
  [d('lt2013-01-01'), 'pe'],
  [d('gt2013'), 'po'],
  [d('lt2013'), 'pe'],
  [d('ge2013-05-01'), 'y po t'],
  [d('gt2013-06-01'), 'y po'],
]);
holds('sa and eb compare with the whole', who, [
  [d('sa2013-03-14'), 'tz t i'],
  [d('eb2013-03-14'), 'pe'],
  [d('sa2013-03-09'), 'd s ms tz p t i'],
  [d('eb2013-03-21'), 'd s ms tz p pe i'],
  [d('sa2012'), 'y mo d s ms tz p po t i'],
]);
holds('a malformed date is refused', who, [
  [d('2013-13'), 400],
  [d('2013-02-30'), 400],
  [d('yesterday'), 400],
  [d('xx2013'), 400],
  [d('20130314'), 400],
  [d('2013-03-14T25:00:00Z'), 400],
  [d('gt'), 400],
]);
holds('birthDate and deceased', who, [
  ['Patient?birthdate=1970-03-05', 'p1'],
  ['Patient?birthdate=1970-03', 'p1 p2'],
  ['Patient?birthdate=1970', 'p1 p2 p3'],
  ['Patient?birthdate=ge1970-03-06', 'p2 p3'],
  ['Patient?birthdate=lt1970-03-05', 'p2 p3'],
  ['Patient?birthdate=sa1970-03-04', 'p1'],
  ['Patient?birthdate=eb1970-03-06', 'p1'],
  ['Patient?birthdate=ne1970-03-05', 'p2 p3'],
  ['Patient?birthdate:missing=true', 'p4'],
  ['Patient?birthdate:missing=false', 'p1 p2 p3'],
  ['Patient?death-date=2015-02', 'p3'],
  ['Patient?death-date=gt2014', 'p3'],
  ['Patient?deceased=true', 'p2 p3'],
  ['Patient?deceased=false', 'p1 p4'],
  ['Patient?death-date:missing=false', 'p3'],
  ['Patient?active=true', 'p1'],
  ['Patient?active=false', 'p2'],
  ['Patient?active:not=true', 'p2 p3 p4'],
  ['Patient?active:missing=true', 'p3 p4'],
]);

const n = (value: string) => `RiskAssessment?probability=${value}`;
holds('a number has the precision it is written with (search.html#number)', who, [
  [n('100'), 'r100 r995'],
  [n('100.0'), 'r100'],
  [n('100.00'), 'r100'],
  [n('99.5'), 'r995 r9949'],
  [n('99.49'), 'r9949'],
  [n('lt100'), 'r995 r9949 r01'],
  [n('le100'), 'r100 r995 r9949 r01'],
  [n('gt100'), 'r1005'],
  [n('ge100'), 'r100 r1005'],
  [n('ne100'), 'r1005 r9949 r01'],
  [n('1e2'), 'r100 r995 r9949 r1005'],
  [n('1.00e2'), 'r100 r995'],
  [n('ap100'), 'r100 r995 r9949 r1005'],
  [n('0.1'), 'r01'],
  [n('1e-1'), 'r01'],
  [n('.1'), 400],
  [n('abc'), 400],
  [n('100,0.1'), 'r100 r995 r01'],
  [n('gt99&probability=lt100.2'), 'r100 r995 r9949'],
  [n('sa100'), 'r1005'],
  [n('eb99.495'), 'r9949 r01'],
]);
const q = (value: string) => `Observation?identifier=amount&value-quantity=${value}`;
holds('a quantity is number|system|code (search.html#quantity)', who, [
  [q('5.4'), 'q54 q540 q536 qun'],
  [q('5.40'), 'q54 q540 qun'],
  [q('5.4|http://unitsofmeasure.org|mg'), 'q54 q540 q536 q5g'],
  [q('5.4||mg'), 'q54 q540 q536 qun'],
  [q('5.40e-3|http://unitsofmeasure.org|g'), 'q54 q540 q5g'],
  [q('gt5.4|http://unitsofmeasure.org|mg'), 'qcmp'],
  [q('ge5.4||mg'), 'q54 q540 qun qcmp'],
  [q('lt5.4||mg'), 'q536'],
  [q('lt0|http://unitsofmeasure.org|Cel'), 'qneg'],
  [q('-3'), 'qneg'],
  [q('26.6|http://unitsofmeasure.org|[degF]'), 'qneg'],
  [q('ne5.4||mg'), 'qcmp'],
  ['Invoice?totalgross=120.5', 'inv'],
  ['Invoice?totalgross=120.5|urn:iso:std:iso:4217|USD', 'inv'],
  ['Invoice?totalgross=120.5||USD', 'inv'],
  ['Invoice?totalgross=120.5||EUR', ''],
  ['Encounter?length=60|http://unitsofmeasure.org|min', 'enc1'],
  ['Encounter?length=gt30|http://unitsofmeasure.org|min', 'enc1'],
]);

holds('a string is found from its beginning, without case or accents (search.html#string)', who, [
  ['Patient?family=mull', 'p1'],
  ['Patient?family=M%C3%9CLLER', 'p1'],
  ['Patient?family=Mu%CC%88ller', 'p1'],
  ['Patient?family=ludenscheidt', 'p1'],
  ['Patient?family:contains=denscheid', 'p1'],
  ['Patient?family:exact=M%C3%BCller-L%C3%BCdenscheidt', 'p1'],
  ['Patient?family:exact=muller-ludenscheidt', ''],
  ['Patient?family:exact=M%C3%BCller', ''],
  ['Patient?family=obrien', 'p2'],
  ["Patient?family=O'Brien%5C,%20Jr", 'p2'],
  ["Patient?family:exact=O'Brien%5C,%20Jr", 'p2'],
  ['Patient?family=van%20der', 'p3'],
  ['Patient?family=Van+der+Berg', 'p3'],
  ['Patient?given=eve', 'p1 p3'],
  ['Patient?given=eve%5C$x', 'p3'],
  ['Patient?given:exact=eve%5C$x', 'p3'],
  ['Patient?given:exact=Eve', 'p1'],
  ['Patient?given:contains=eve', 'p1 p2 p3'],
  ['Patient?given=eve,steve', 'p1 p2 p3'],
  ['Patient?given=eve&given=anna', 'p1'],
  ['Patient?name=doc', 'p1'],
  ['Patient?name=dr', 'p1'],
  ['Patient?name=steve', 'p2'],
  ['Patient?name:contains=teve', 'p2'],
  ['Patient?name:exact=Steve', 'p2'],
  ['Patient?address=saint', 'p1'],
  ['Patient?address-city=paul', 'p1 p2'],
  ['Patient?address-city:exact=Paul', 'p2'],
  ['Patient?address-postalcode=551', 'p1'],
  ['Patient?address-state=mn', 'p1'],
  ['Patient?address-country=us', 'p1'],
  ['Patient?address=high', 'p1'],
  ['Patient?address-use=home', 'p1'],
  ['Organization?name=acme', 'o1 o2 o3'],
  ['Organization?name=the', 'o1'],
  ['Organization?name:contains=branch', 'o2'],
  ['Patient?name:missing=true', 'p4'],
  ['Patient?phonetic:missing=true', 'p4'],
]);

holds('a token is code, system|code, |code or system| (search.html#token)', who, [
  ['Patient?identifier=nosys', 'p2'],
  ['Patient?identifier=|nosys', 'p2'],
  ['Patient?identifier=|abc12', ''],
  ['Patient?identifier=abc12', 'p2'],
  ['Patient?identifier=http://acme.org/mrn|', 'p1 p2'],
  ['Patient?identifier=http://acme.org/mrn|AbC%5C|12', 'p1'],
  ['Patient?identifier=AbC%5C|12', 'p1 p3'],
  ['Patient?identifier=http://acme.org/mrn|abc12,nosys', 'p2'],
  ['Patient?identifier=http://acme.org/mrn|abc12,http://other.org|', 'p2 p3'],
  ['Patient?identifier:not=http://acme.org/mrn|abc12', 'p1 p3 p4'],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|AbC%5C|12', 'p1'],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|abc12', ''],
  ['Patient?gender=male', 'p1'],
  ['Patient?gender=male,female', 'p1 p2'],
  ['Patient?gender:not=male', 'p2 p3 p4'],
  ['Patient?gender:not=male,female', 'p3 p4'],
  ['Patient?gender=http://hl7.org/fhir/administrative-gender|male', 'p1'],
  ['Patient?gender:missing=true', 'p3'],
  ['Patient?telecom=555-0101', 'p2'],
  ['Patient?phone=555-0101', 'p2'],
  ['Patient?email=Eve@Example.org', 'p1'],
  ['Patient?phone=eve@example.org', ''],
  ['Patient?language=en', 'p1'],
  ['Patient?language=urn:ietf:bcp:47|en', 'p1'],
]);

holds('a reference is an id, Type/id or an absolute URL (search.html#reference)', who, [
  ['Patient?general-practitioner=dr1', 'p1'],
  ['Patient?general-practitioner=Practitioner/dr1', 'p1'],
  ['Patient?general-practitioner:Practitioner=dr1', 'p1'],
  ['Patient?general-practitioner:Organization=dr1', ''],
  ['Patient?general-practitioner=Organization/dr1', ''],
  ['Patient?organization=o1', 'p1'],
  ['Patient?organization=Organization/o1', 'p1'],
  ['Patient?organization:Organization=o1', 'p1'],
  ['Patient?organization:missing=false', 'p1'],
  ['Patient?organization:missing=true', 'p2 p3 p4'],
  ['Organization?partof=o1', 'o2'],
  ['Organization?partof:below=o1', 'o2 o3'],
  ['Patient?general-practitioner:Practitioner.name=welby', 'p1'],
  ['Patient?general-practitioner.name=welby', 'p1'],
  ['Patient?general-practitioner:Practitioner.identifier=http://npi|1', 'p1'],
]);

holds('a uri is matched whole, or from its beginning with :below (search.html#uri)', who, [
  ['ValueSet?url=http://acme.org/fhir/ValueSet/123', 'v1'],
  ['ValueSet?url=http://acme.org/fhir/valueset/123', ''],
  ['ValueSet?url=http://acme.org/fhir/ValueSet/123/', ''],
  ['ValueSet?url:below=http://acme.org/fhir', 'v1 v2 v3 v5'],
  ['ValueSet?url:below=http://acme.org/fhir/ValueSet/123', 'v1 v2'],
  ['ValueSet?url:above=http://acme.org/fhir/ValueSet/123/more/5', 'v1 v2 v3'],
  ['ValueSet?url=urn:oid:1.2.3.4', 'v4'],
  ['ValueSet?url=urn:oid:1.2.3.4,http://acme.org/fhir', 'v3 v4'],
  ['ValueSet?version=1', 'v1 v2 v3 v5'],
  ['ValueSet?title=title%20v1', 'v1'],
  ['ValueSet?title:contains=v1', 'v1'],
  ['ValueSet?status=active&version=2', 'v4'],
  ['ValueSet?url:missing=true', ''],
]);
