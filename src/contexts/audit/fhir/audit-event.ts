import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { listed, purposeOf, rolesOf, whoOf } from './agent.ts';
import type { Logged } from './logged.ts';

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const rest = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'RESTful Operation',
};
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';
const objectType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';

/** R4 restful-interaction, by what comes after `record.`. */
const interactions: Readonly<Record<string, string>> = {
  ...{ read: 'read', vread: 'vread', history: 'history', search: 'search-type', create: 'create' },
  ...{ update: 'update', patch: 'patch', delete: 'delete', batch: 'batch' },
  ...{ transaction: 'transaction', operation: 'operation', validate: 'operation' },
  ...{ export: 'operation', import: 'operation' },
};

const outcomes: Readonly<Record<string, string>> = { success: '0', failure: '4', denied: '8' };

/** An event of the log as R4 auditevent.html has it. */
export function auditEvent(
  logged: Logged,
): JsonObject & { resourceType: 'AuditEvent'; id: string } {
  return {
    resourceType: 'AuditEvent',
    id: logged.id,
    meta: { versionId: '1', lastUpdated: logged.at },
    ...codesOf(logged.type),
    action: logged.action,
    recorded: logged.at,
    outcome: outcomes[logged.outcome] ?? '0',
    ...(logged.because === '' ? {} : { outcomeDesc: logged.because }),
    ...listed('purposeOfEvent', purposeOf(logged)),
    agent: [agentOf(logged)],
    source: { observer: { display: 'MedConnect' } },
    ...listed('entity', entitiesOf(logged)),
  };
}

function codesOf(type: string) {
  const [group = '', deed = ''] = type.split('.');
  const own = { system: 'urn:medconnect:event', code: type };
  const dcm = (code: string, display: string) => ({ system: dicom, code, display });
  if (group === 'record') {
    const code = interactions[deed];
    const interaction = { system: 'http://hl7.org/fhir/restful-interaction', code };
    return { type: rest, subtype: code === undefined ? [own] : [interaction, own] };
  }
  if (group === 'auth') {
    const logout = deed === 'logout' || deed === 'session-ended';
    const subtype = logout ? dcm('110123', 'Logout') : dcm('110122', 'Login');
    return { type: dcm('110114', 'User Authentication'), subtype: [subtype, own] };
  }
  if (group === 'audit') return { type: dcm('110101', 'Audit Log Used'), subtype: [own] };
  if (group === 'system') {
    const subtype =
      deed === 'stop' ? dcm('110121', 'Application Stop') : dcm('110120', 'Application Start');
    return { type: dcm('110100', 'Application Activity'), subtype: [subtype, own] };
  }
  return { type: dcm('110113', 'Security Alert'), subtype: [own] };
}

function agentOf(logged: Logged) {
  const { actor, correlation } = logged;
  const address = actor?.ip ?? '';
  return {
    ...listed('role', rolesOf(logged)),
    who: whoOf(logged),
    ...(actor === undefined || actor.account === '' ? {} : { altId: actor.account }),
    ...(actor === undefined || actor.agent === '' ? {} : { name: actor.agent }),
    requestor: true,
    ...(correlation === '' ? {} : { policy: [`urn:medconnect:request:${correlation}`] }),
    // R4 network-type 2: an IP address.
    ...(address === '' ? {} : { network: { address, type: '2' } }),
  };
}

function entitiesOf(logged: Logged): object[] {
  const { reference, version, patientId, groups, note, resourceType } = logged;
  const entities: object[] = [];
  const person = { system: objectType, code: '1', display: 'Person' };
  const system = { system: objectType, code: '2', display: 'System Object' };
  const patient = { system: objectRole, code: '1', display: 'Patient' };
  const domain = { system: objectRole, code: '4', display: 'Domain Resource' };
  const details = [
    ...groups.map((group) => ({ type: 'group', valueString: group })),
    ...Object.entries(note).map(([type, value]) => ({ type, valueString: textOf(value) })),
  ].filter(({ valueString }) => valueString !== '');
  if (reference !== '') {
    const what = { reference: version === 0 ? reference : `${reference}/_history/${version}` };
    const isPatient = resourceType === 'Patient';
    entities.push({
      ...{ what, type: isPatient ? person : system, role: isPatient ? patient : domain },
      ...listed('detail', details),
    });
  } else if (details.length > 0) entities.push({ type: system, ...listed('detail', details) });
  if (patientId !== '' && reference !== `Patient/${patientId}`) {
    entities.push({ what: { reference: `Patient/${patientId}` }, type: person, role: patient });
  }
  return entities;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
