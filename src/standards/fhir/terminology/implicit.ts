import type { JsonObject } from '../json-object.ts';
import { refuseTerm } from './refused.ts';

const snomed = 'http://snomed.info/sct';

/**
 * The value sets a code system defines by their address alone: SNOMED CT's `?fhir_vs`
 * (R4 snomedct.html#implicit), all of LOINC and of UCUM. undefined: not such an address.
 * Throws TerminologyRefused `not-supported` for a reference set or an expression.
 */
export function implicitValueSet(url: string): JsonObject | undefined {
  if (url === 'http://loinc.org/vs') return whole(url, 'http://loinc.org');
  if (url === 'http://unitsofmeasure.org/vs') return whole(url, 'http://unitsofmeasure.org');
  if (!url.startsWith(snomed)) return undefined;
  const [, edition, asked] =
    /^http:\/\/snomed\.info\/sct(\/[\w/]+)?\?fhir_vs(?:=(.*))?$/.exec(url) ?? [];
  const isWhole = asked === undefined && url.endsWith('?fhir_vs');
  const version = edition === undefined ? {} : { version: snomed + edition };
  if (isWhole) return whole(url, snomed, version);
  if (asked === undefined) return undefined;
  const isa = /^isa\/(\d{6,18})$/.exec(asked)?.[1];
  if (isa === undefined) {
    return refuseTerm('not-supported', 'Of SNOMED CT, ?fhir_vs and ?fhir_vs=isa/… are known here.');
  }
  const filter = [{ property: 'concept', op: 'is-a', value: isa }];
  return whole(url, snomed, { ...version, filter });
}

function whole(url: string, system: string, more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'ValueSet',
    url,
    status: 'active',
    compose: { include: [{ system, ...more }] },
  };
}
