import {
  includable,
  searchableTypes,
  searchParameters,
} from '../../standards/fhir/search/parameter.ts';
import type { SearchKind } from '../../standards/fhir/search/search-query.ts';

/** The CapabilityStatement's bytes, made once when first asked for. */
export type Metadata = () => Buffer;

const interactions = [
  ...['read', 'vread', 'update', 'delete', 'history-instance', 'history-type', 'create'],
  'search-type',
];

/** R4's own names for our kinds of index (search-param-type). */
const kinds: Readonly<Record<SearchKind, string>> = {
  token: 'token',
  string: 'string',
  uri: 'uri',
  reference: 'reference',
  date: 'date',
  'birth-date': 'date',
  quantity: 'quantity',
  number: 'number',
  composite: 'composite',
  special: 'special',
};

export function openMetadata(baseUrl: string, version: string, startedAt: Date): Metadata {
  let made: Buffer | undefined;
  return () => {
    made ??= Buffer.from(JSON.stringify(capabilityStatement(baseUrl, version, startedAt)));
    return made;
  };
}

/** FHIR R4 capabilitystatement.html; everything stated is done. */
function capabilityStatement(baseUrl: string, version: string, startedAt: Date) {
  const types = [...searchableTypes()].sort();
  const pointers = pointersByTarget(types);
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    kind: 'instance',
    software: { name: 'MedConnect', version },
    implementation: { description: 'MedConnect FHIR R4 record store', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          description: 'Bearer tokens of /api/v1/auth/login or /api/v1/auth/service-token.',
        },
        resource: types.map((type) => resource(type, pointers.get(type) ?? [])),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}

function resource(type: string, searchRevInclude: string[]) {
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    referencePolicy: ['literal', 'logical'],
    searchInclude: includable(type).map((code) => `${type}:${code}`),
    searchRevInclude,
    searchParam: [...searchParameters(type).values()]
      .filter((one) => one.kind !== 'special')
      .map((one) => ({ name: one.code, type: kinds[one.kind] })),
  };
}

function pointersByTarget(types: readonly string[]): Map<string, string[]> {
  const pointers = new Map<string, string[]>();
  for (const source of types) {
    for (const code of includable(source)) {
      const targets = searchParameters(source).get(code)?.targets ?? [];
      if (targets.length > 20) continue;
      for (const target of targets) {
        pointers.set(target, [...(pointers.get(target) ?? []), `${source}:${code}`]);
      }
    }
  }
  return pointers;
}
