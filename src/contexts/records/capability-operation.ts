import type { Route } from '../../platform/http/route.ts';

/** An operation of the CapabilityStatement. `on`: a type, `*` for each of them, `` for the base. */
export type Operation = {
  readonly on: string;
  readonly name: string;
  readonly definition: string;
};

const r4 = 'http://hl7.org/fhir/OperationDefinition';
const bulkData = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';
const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition';

/** Operations that R4 itself does not define; any other is R4's. */
const elsewhere: Readonly<Record<string, string>> = {
  '-export': `${bulkData}/export`,
  'Patient-export': `${bulkData}/patient-export`,
  'Group-export': `${bulkData}/group-export`,
  'Subscription-status': `${backport}/backport-subscription-status`,
  'Subscription-events': `${backport}/backport-subscription-events`,
  'Subscription-get-ws-binding-token': `${backport}/backport-subscription-get-ws-binding-token`,
  '-import': 'urn:medconnect:operation:import',
  'SearchParameter-reindex': 'urn:medconnect:operation:reindex',
};

/** The operations there are routes for: a path with `$` is one, however many paths it has. */
export function operationsOf(routes: readonly Pick<Route, 'path'>[]): Operation[] {
  const found = new Map<string, Operation>();
  for (const { path } of routes) {
    const parts = path.split('/').slice(2);
    const name = parts.find((part) => part.startsWith('$'))?.slice(1);
    if (name === undefined) continue;
    const [first = ''] = parts;
    const on = first.startsWith('$') ? '' : first === ':type' ? '*' : first;
    const definition =
      elsewhere[`${on}-${name}`] ?? `${r4}/${on === '*' ? 'Resource' : on}-${name}`;
    found.set(`${on}-${name}`, { on, name, definition });
  }
  return [...found.values()];
}
