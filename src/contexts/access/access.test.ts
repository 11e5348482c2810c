import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../platform/principal.ts';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { type Group, sensitivityTable } from '../../standards/fhir/sensitivity-table.ts';
import { type Action, actions } from './decision.ts';
import { openAccess } from './index.ts';
import { purposesOfUse } from './purpose.ts';

const access = openAccess();
const caller = (...roles: string[]): Principal => ({
  tenant: 1,
  kind: 'user',
  id: 'a',
  session: 's',
  roles,
  patient: 'p1',
});
const may = (role: string, action: Action, type: string, purpose = 'TREAT') =>
  access.decide(caller(role), action, type, false, purpose);
const all = <T>(of: Iterable<T>, holds: (one: T) => boolean) => [...of].filter((x) => !holds(x));

const table = `
  admin        read      Patient            yes
  admin        delete    Observation        yes
  doctor       search    Patient            yes
  doctor       create    Condition          yes
  doctor       patch     MedicationRequest  yes
  doctor       read      Claim              yes
  doctor       create    Claim              no
  doctor       delete    Observation        no
  doctor       read      AuditEvent         no
  nurse        read      Observation        yes
  nurse        create    Observation        yes
  nurse        update    MedicationAdministration  yes
  nurse        create    Immunization       yes
  nurse        create    MedicationRequest  no
  nurse        create    DiagnosticReport   no
  nurse        delete    Patient            no
  staff        update    Patient            yes
  staff        create    Appointment        yes
  staff        update    Coverage           yes
  staff        create    Encounter          yes
  staff        update    Encounter          no
  staff        read      Observation        no
  staff        read      Claim              no
  billing      read      Claim              yes
  billing      create    Claim              yes
  billing      read      Patient            yes
  billing      update    Patient            no
  billing      read      Encounter          yes
  billing      read      Condition          no
  researcher   read      ValueSet           yes
  researcher   read      Patient            no
  researcher   search    Observation        no
  integration  create    Bundle             yes
  integration  patch     Observation        yes
  integration  delete    Observation        no
  compliance   search    Consent            yes
  compliance   read      AuditEvent         yes
  compliance   read      Patient            no
  patient      read      Organization       yes
  patient      read      Patient            no
  patient      search    Observation        no
  patient      create    Observation        no`;

for (const row of table.trim().split('\n')) {
  const [role = '', verb = '', type = '', expected = ''] = row.trim().split(/\s+/);
  const action = actions.find((one) => one === verb);
  test(`${role} ${expected === 'yes' ? 'may' : 'may not'} ${verb} ${type}`, () => {
    assert.ok(action);
    assert.equal(may(role, action, type).permit, expected === 'yes');
  });
}

test('the front desk never sees a clinical group, and of care only an Encounter', () => {
  for (const type of resourceTypes) {
    for (const action of actions) {
      for (const purpose of purposesOfUse) {
        const decision = may('staff', action, type, purpose);
        if (!decision.permit) continue;
        const standard = decision.because.startsWith('standards:');
        assert.equal(decision.groups.has('clinical'), standard, `${action} ${type} ${purpose}`);
      }
    }
  }
  const clinical = [...resourceTypes].filter(
    (type) => sensitivityTable.get(type)?.rest === 'clinical',
  );
  const readable = clinical.filter((type) => may('staff', 'read', type).permit);
  assert.deepEqual(readable, ['Encounter']);
});

test('only an admin deletes', () => {
  const deleting = ['doctor', 'nurse', 'staff', 'billing', 'researcher', 'integration'];
  for (const role of [...deleting, 'compliance', 'patient']) {
    assert.deepEqual(
      all(resourceTypes, (type) => !may(role, 'delete', type).permit),
      [],
    );
  }
});

test('a patient sees all of their own record and searches only in it', () => {
  const patient = caller('patient');
  for (const type of ['Patient', 'Observation', 'Claim', 'DocumentReference']) {
    const own = access.decide(patient, 'read', type, true, 'PATRQT');
    assert.ok(own.permit && own.groups.size === 5, type);
    assert.equal(access.reach(patient, 'search', type, 'PATRQT').kind, 'own');
  }
  assert.equal(access.reach(patient, 'search', 'Practitioner', 'PATRQT').kind, 'all');
  assert.equal(access.decide(patient, 'update', 'Patient', true, 'PATRQT').permit, false);
});

test('an account with the role patient and no patient of its own reaches nobody', () => {
  const { patient: _, ...nobody } = caller('patient');
  assert.equal(access.reach(nobody, 'search', 'Observation', 'TREAT').kind, 'none');
  assert.equal(access.decide(nobody, 'read', 'Observation', true, 'TREAT').permit, false);
});

test('a doctor who is also a patient keeps the reach of a doctor', () => {
  const both = caller('patient', 'doctor');
  assert.equal(access.reach(both, 'search', 'Observation', 'TREAT').kind, 'all');
  assert.equal(access.decide(both, 'read', 'AuditEvent', false, 'TREAT').permit, false);
  assert.equal(access.decide(both, 'read', 'AuditEvent', true, 'TREAT').permit, true);
});

test('nobody but an admin sees a patient for marketing, and research needs its purpose', () => {
  for (const role of ['doctor', 'nurse', 'staff', 'billing', 'integration', 'patient']) {
    assert.equal(access.decide(caller(role), 'read', 'Patient', true, 'HMARKT').permit, false);
  }
  assert.equal(may('researcher', 'read', 'ResearchStudy', 'TREAT').permit, false);
  assert.equal(may('researcher', 'read', 'ResearchStudy', 'HRESCH').permit, true);
});

test('a caller without a known role has nothing', () => {
  for (const roles of [[], ['root'], ['Admin'], ['__proto__'], ['*']]) {
    const left = all(resourceTypes, (type) =>
      actions.every(
        (action) => !access.decide(caller(...roles), action, type, true, 'TREAT').permit,
      ),
    );
    assert.deepEqual(left, []);
    assert.equal(access.permits(caller(...roles), 'admin.accounts'), false);
  }
});

test('an unknown type or purpose is refused even to an admin, and not echoed', () => {
  const wrongType = may('admin', 'read', 'Pa<tient');
  const wrongPurpose = may('admin', 'read', 'Patient', 'Moss');
  assert.deepEqual(
    [wrongType, wrongPurpose],
    [
      { permit: false, because: 'the type is not a resource type of FHIR R4' },
      { permit: false, because: 'the purpose is not a v3-PurposeOfUse code' },
    ],
  );
  assert.equal(access.reach(caller('admin'), 'search', 'Patient', 'Moss').kind, 'none');
});

test('every answer names the policy and the line that decided, or what is missing', () => {
  assert.match(may('doctor', 'read', 'Patient').because, /^chart:\d+$/);
  assert.match(may('doctor', 'update', 'Condition').because, /^nursing:\d+ medicine:\d+$/);
  assert.match(
    may('nurse', 'read', 'Patient', 'HMARKT').because,
    /^chart:\d+ is not for the purpose/,
  );
  assert.match(
    may('patient', 'read', 'Claim').because,
    /^patient-own:\d+ is for own records only$/,
  );
  assert.equal(may('staff', 'read', 'Goal').because, 'no policy lets staff read Goal');
});

test('permissions: an admin has all, compliance the audit, others none', () => {
  const asked = ['audit.read', 'audit.verify', 'admin.accounts', 'metrics.read', 'audit', 'admin.'];
  const of = (...roles: string[]) => asked.filter((one) => access.permits(caller(...roles), one));
  assert.deepEqual(of('admin'), [
    'audit.read',
    'audit.verify',
    'admin.accounts',
    'metrics.read',
    'admin.',
  ]);
  assert.deepEqual(of('compliance'), ['audit.read', 'audit.verify']);
  assert.deepEqual(of('doctor', 'integration', 'patient', 'researcher', 'staff', 'billing'), []);
});

test('the front desk and billing see who and where a patient is, a doctor sees all', () => {
  const seen = (role: string): Group[] => {
    const decision = may(role, 'read', 'Patient');
    return decision.permit ? [...decision.groups] : [];
  };
  assert.deepEqual(seen('staff'), ['identity', 'contact', 'administrative']);
  assert.deepEqual(seen('billing'), ['identity', 'contact', 'administrative']);
  assert.equal(seen('doctor').length, 5);
});
