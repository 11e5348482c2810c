import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { listed, purposeOf, rolesOf, whoOf } from './agent.ts';
import type { Logged } from './logged.ts';

const operation = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
const participant = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

const activities: Readonly<Record<string, string>> = {
  'record.create': 'CREATE',
  'record.update': 'UPDATE',
  'record.patch': 'UPDATE',
  'record.delete': 'DELETE',
};

/**
 * Who made a version, as R4 provenance.html has it; undefined for an event that made none.
 * `personal`: the reader may see who acts in this clinic; else only the UUID says it.
 */
export function provenance(
  logged: Logged,
  personal: boolean,
): (JsonObject & { resourceType: 'Provenance'; id: string }) | undefined {
  const code = activities[logged.type];
  const { reference, version, outcome } = logged;
  if (code === undefined || reference === '' || version === 0 || outcome !== 'success')
    return undefined;
  return {
    resourceType: 'Provenance',
    id: logged.id,
    meta: { versionId: '1', lastUpdated: logged.at },
    target: [{ reference: `${reference}/_history/${version}` }],
    occurredDateTime: logged.at,
    recorded: logged.at,
    ...listed('reason', purposeOf(logged)),
    activity: { coding: [{ system: operation, code }] },
    agent: [
      {
        type: { coding: [{ system: participant, code: 'enterer', display: 'Enterer' }] },
        ...(personal ? listed('role', rolesOf(logged)) : {}),
        who: whoOf(logged),
      },
    ],
  };
}
