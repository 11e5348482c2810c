import { kinds, refuse } from '../../../platform/problem.ts';
import { resourceFrom } from '../body.ts';
import { requireJsonBody } from '../fhir-call.ts';

export type Pairs = readonly (readonly [name: string, value: string])[];

type Call = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly pairs: Pairs;
  readonly body: Buffer | undefined;
};

/**
 * An operation's input as name and value, from the URL or from a Parameters resource (R4
 * operations.html#request); a Reference gives its `reference`. Parts and resources are refused.
 */
export function operationPairs(call: Call): Pairs {
  if (call.body === undefined || call.body.length === 0) return call.pairs;
  requireJsonBody(call.headers);
  const resource = resourceFrom(call.body);
  if (resource.resourceType !== 'Parameters') {
    refuse(kinds.badRequest, 'Send the input of the operation as a Parameters resource.');
  }
  const given = (resource['parameter'] ?? []) as Record<string, unknown>[];
  return [...call.pairs, ...given.map(pairOf)];
}

function pairOf(parameter: Record<string, unknown>): readonly [string, string] {
  const name = String(parameter['name'] ?? '');
  const key = Object.keys(parameter).find((one) => one.startsWith('value'));
  const value = key === undefined ? undefined : parameter[key];
  if (key === 'valueReference') {
    const { reference } = Object(value) as { reference?: unknown };
    if (typeof reference === 'string') return [name, reference];
  }
  if (['string', 'number', 'boolean'].includes(typeof value)) return [name, String(value)];
  return refuse(kinds.badRequest, 'A parameter needs one value of a simple type or a Reference.');
}
