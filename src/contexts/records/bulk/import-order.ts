import { refuse } from '../../../platform/problem.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { recordKinds } from '../problems.ts';

/** What an import reads: what was sent with the request, or what lies at an address. */
export type ImportInput =
  | { readonly from: 'upload'; readonly bytes: number }
  | { readonly from: 'url'; readonly url: string; readonly type: string | undefined };

export type ImportOrder = {
  readonly request: string;
  readonly inputs: readonly ImportInput[];
  /** Names the folder of what was sent. */
  readonly upload?: string;
  /** Opens it; base64. */
  readonly secret?: string;
};

/** Files of one manifest. */
const MOST_INPUTS = 1000;

type Input = { type?: unknown; url?: unknown };

/**
 * Bulk Import's JSON manifest (`input: [{type, url}]`), or the same as a Parameters resource.
 * Addresses are https and of a host the operator named; anything else is refused at once.
 */
export function inputsOf(manifest: unknown, hosts: readonly string[]): ImportInput[] {
  const { inputFormat, input } = membersOf(manifest);
  if (inputFormat !== undefined && !/^application\/(fhir\+)?ndjson$/.test(String(inputFormat))) {
    wrong('inputFormat is application/fhir+ndjson.');
  }
  if (!Array.isArray(input) || input.length === 0) wrong('input names one file or more.');
  const inputs = input as unknown[];
  if (inputs.length > MOST_INPUTS) wrong(`input names at most ${MOST_INPUTS} files.`);
  return inputs.map((one) => inputOf(Object(one) as Input, hosts));
}

function inputOf({ type, url }: Input, hosts: readonly string[]): ImportInput {
  if (type !== undefined && !(typeof type === 'string' && resourceTypes.has(type))) {
    wrong('The type of an input is a resource type of FHIR R4.');
  }
  const address = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== 'https:') wrong('The url of an input is an https address.');
  if (address === undefined || !hosts.includes(address.host)) {
    const text =
      'Files are fetched from hosts the operator allows (MEDCONNECT_IMPORT_HOSTS), and this is ' +
      'none of them. Send the file itself: POST it as application/fhir+ndjson.';
    refuse(recordKinds.authorizationDenied, text);
  }
  return { from: 'url', url: address.href, type: type as string | undefined };
}

type Parameter = { name?: unknown; part?: unknown } & Record<string, unknown>;

function membersOf(manifest: unknown): { inputFormat?: unknown; input?: unknown } {
  const object = Object(manifest) as Record<string, unknown>;
  if (object['resourceType'] === undefined) return object;
  if (object['resourceType'] !== 'Parameters') wrong('Send a manifest, Parameters or NDJSON.');
  const parameters = listOf(object['parameter']);
  const input = parameters
    .filter(({ name }) => name === 'input')
    .map(({ part }) =>
      Object.fromEntries(listOf(part).map((one) => [String(one.name), valueIn(one)])),
    );
  const format = parameters.find(({ name }) => name === 'inputFormat');
  return { inputFormat: format === undefined ? undefined : valueIn(format), input };
}

function listOf(value: unknown): Parameter[] {
  return Array.isArray(value) ? value.map((one) => Object(one) as Parameter) : [];
}

function valueIn(parameter: Parameter): unknown {
  return Object.entries(parameter).find(([name]) => name.startsWith('value'))?.[1];
}

function wrong(text: string): never {
  return refuse(recordKinds.badRequest, text);
}
