import type { Route } from '../../platform/http/route.ts';
import { modifiersOf } from '../../standards/fhir/search/modifier.ts';
import {
  includable,
  type SearchParameter,
  searchableTypes,
  searchParameters,
} from '../../standards/fhir/search/parameter.ts';
import type { SearchKind } from '../../standards/fhir/search/search-query.ts';
import { type Operation, operationsOf } from './capability-operation.ts';

export type MetadataMode = 'full' | 'terminology';

/** The statement's bytes, made once when first asked for. */
export type Metadata = (mode: MetadataMode) => Buffer;

export type Described = {
  readonly baseUrl: string;
  readonly version: string;
  readonly startedAt: Date;
  /** Every FHIR route there is: what is stated is what is done. */
  readonly routes: () => readonly Pick<Route, 'method' | 'path'>[];
  /** Profiles every tenant has, by the type they are of. */
  readonly profiles: () => ReadonlyMap<string, readonly string[]>;
};

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

export function openMetadata(described: Described): Metadata {
  const made = new Map<MetadataMode, Buffer>();
  return (mode) => {
    const known = made.get(mode);
    if (known !== undefined) return known;
    const statement =
      mode === 'full' ? capabilityStatement(described) : terminologyCapabilities(described);
    const bytes = Buffer.from(JSON.stringify(statement));
    made.set(mode, bytes);
    return bytes;
  };
}

const software = (version: string) => ({ name: 'MedConnect', version });

/** FHIR R4 capabilitystatement.html; everything stated is done. */
function capabilityStatement(described: Described) {
  const { baseUrl, version, startedAt } = described;
  const all = described.routes();
  const profiles = described.profiles();
  const has = new Set(all.map(({ method, path }) => `${method} ${path}`));
  const operations = operationsOf(all);
  const types = [...searchableTypes()].sort();
  const pointers = pointersByTarget(types);
  const codes = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .filter(([, route]) => has.has(route))
      .map(([code]) => ({ code }));
  const common = { interaction: codes(typeInteractions), ...conditions(has) };
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    publisher: 'MedConnect',
    kind: 'instance',
    ...unlessEmpty({ instantiates: instantiated(operations, profiles) }),
    software: software(version),
    implementation: { description: 'MedConnect FHIR R4 record store', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        documentation,
        security: {
          cors: false,
          description: 'Bearer tokens of /api/v1/auth/login or /api/v1/auth/service-token.',
        },
        resource: types.map((type) => ({
          type,
          ...common,
          ...unlessEmpty({
            supportedProfile: profiles.get(type) ?? [],
            searchInclude: includable(type).map((code) => `${type}:${code}`),
            searchRevInclude: pointers.get(type) ?? [],
            searchParam: searchParams(type),
          }),
          ...operationList(operations, (on) => on === '*' || on === type),
        })),
        interaction: codes(systemInteractions),
        searchParam: everywhere,
        ...operationList(operations, (on) => on === ''),
      },
    ],
  };
}

/** The statements of guides that are done here: US Core when its profiles are there. */
function instantiated(
  operations: readonly Operation[],
  profiles: ReturnType<Described['profiles']>,
) {
  const us = [...profiles.values()].flat().some((url) => url.startsWith(`${usCore}/Struct`));
  const bulk = operations.some(({ on, name }) => on === 'Group' && name === 'export');
  return [
    ...(bulk ? ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'] : []),
    ...(us ? [`${usCore}/CapabilityStatement/us-core-server`] : []),
  ];
}

const usCore = 'http://hl7.org/fhir/us/core';

/** R4 json.html: an array has at least one item, or is left out. */
function unlessEmpty(lists: Readonly<Record<string, readonly unknown[]>>) {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

const typeInteractions = {
  read: 'GET /fhir/:type/:id',
  vread: 'GET /fhir/:type/:id/_history/:version',
  update: 'PUT /fhir/:type/:id',
  patch: 'PATCH /fhir/:type/:id',
  delete: 'DELETE /fhir/:type/:id',
  'history-instance': 'GET /fhir/:type/:id/_history',
  'history-type': 'GET /fhir/:type/_history',
  create: 'POST /fhir/:type',
  'search-type': 'GET /fhir/:type',
};

const systemInteractions = {
  transaction: 'POST /fhir',
  batch: 'POST /fhir',
  'search-system': 'GET /fhir',
  'history-system': 'GET /fhir/_history',
};

const documentation =
  'Preferences: return=minimal|representation|OperationOutcome, handling=strict|lenient, ' +
  'validate-only (everything is done, told, and taken back), respond-async. ' +
  'Conditional patch is PATCH [type]?criteria. Idempotency-Key on POST, PUT, PATCH and DELETE is ' +
  'kept for 24 hours. References are not enforced: a record others refer to can be deleted. ' +
  '$meta-add and $meta-delete make a new version, because a version never changes.';

function conditions(has: ReadonlySet<string>) {
  return {
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: has.has('PUT /fhir/:type'),
    conditionalDelete: has.has('DELETE /fhir/:type') ? 'single' : 'not-supported',
    referencePolicy: ['literal', 'logical', 'local'],
  };
}

/** Beside the parameters of each type: R4 search.html#all. */
const everywhere = [
  { name: '_text', type: 'string', documentation: 'Words of the narrative' },
  { name: '_content', type: 'string', documentation: 'Words of the whole resource' },
  { name: '_list', type: 'string', documentation: 'What Lists of these ids refer to' },
  { name: '_has', type: 'string', documentation: 'Chains in reverse' },
  { name: '_filter', type: 'special', documentation: 'R4 search_filter.html' },
  { name: '_type', type: 'special', documentation: 'The types searched, on the base' },
];

function searchParams(type: string) {
  return [...searchParameters(type).values()].map((one) => ({
    name: one.code,
    type: kinds[one.kind],
    documentation: describe(one),
  }));
}

function describe(parameter: SearchParameter): string {
  const modifiers = modifiersOf(parameter).map((one) => `:${one}`);
  const chained = parameter.kind === 'reference' ? ' Chains, and _has in reverse.' : '';
  return `Modifiers: ${modifiers.join(' ')}.${chained}`;
}

function operationList(operations: readonly Operation[], wanted: (on: string) => boolean) {
  const operation = operations
    .filter(({ on }) => wanted(on))
    .map(({ name, definition }) => ({ name, definition }));
  return operation.length === 0 ? {} : { operation };
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

/** FHIR R4 terminologycapabilities.html; what a tenant stored is its own and not listed here. */
function terminologyCapabilities({ baseUrl, version, startedAt, routes }: Described) {
  const names = new Set(operationsOf(routes()).map(({ on, name }) => `${on}-${name}`));
  return {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date: startedAt.toISOString(),
    kind: 'instance',
    software: software(version),
    implementation: { description: 'MedConnect FHIR R4 record store', url: baseUrl },
    ...(names.has('ValueSet-expand') ? { expansion: { hierarchical: false, paging: true } } : {}),
    codeSearch: 'all',
    ...(names.has('ValueSet-validate-code') ? { validateCode: { translations: false } } : {}),
    ...(names.has('ConceptMap-translate') ? { translation: { needsMap: true } } : {}),
    closure: { translation: false },
  };
}
