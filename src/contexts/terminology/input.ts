import { refuse } from '../../platform/problem.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../standards/fhir/json.ts';
import { isJsonObject, type JsonObject } from '../../standards/fhir/json-object.ts';
import { checkStructure } from '../../standards/fhir/structure.ts';
import { objectsOf, textOf } from '../../standards/fhir/terminology/resource-field.ts';
import { terminologyKinds } from './problems.ts';

/** What an operation takes, by name; `many`: may be given more than once. */
export type Accepted = Readonly<
  Record<string, 'text' | 'texts' | 'boolean' | 'count' | 'object' | 'parts'>
>;

/** The parameters of a call, from the query or a Parameters body (R4 operations.html#executing). */
export class Input {
  readonly texts = new Map<string, string[]>();
  readonly objects = new Map<string, JsonObject[]>();

  text(name: string): string | undefined {
    return this.texts.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.texts.get(name) ?? [];
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : text === 'true';
  }

  count(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  object(name: string): JsonObject | undefined {
    return this.objects.get(name)?.[0];
  }
}

type Pairs = readonly (readonly [string, string])[];

/**
 * Unknown, repeated or malformed parameters are a 400: an ignored one would change the answer
 * without a word. A resource may be the body itself, under the name the operation has for it.
 */
export function readInput(
  call: { pairs: Pairs; body: Buffer | undefined },
  accepted: Accepted,
  resourceName: string,
): Input {
  const input = new Input();
  for (const [name, value] of call.pairs) {
    if (name !== '_format' && name !== '_pretty') putText(input, accepted, name, value);
  }
  const { body } = call;
  if (body !== undefined && body.length > 0) readBody(input, body, accepted, resourceName);
  return input;
}

function readBody(input: Input, bytes: Buffer, accepted: Accepted, resourceName: string): void {
  const body = parsed(bytes);
  const errors = checkStructure(body).filter((issue) => issue.severity === 'error');
  if (errors.length > 0) {
    refuse(terminologyKinds.parameter, 'The body is not valid FHIR R4.', { issues: errors });
  }
  if (body['resourceType'] !== 'Parameters') {
    const own = resourceName[0]?.toUpperCase() + resourceName.slice(1);
    if (body['resourceType'] !== own || accepted[resourceName] === undefined) {
      refuse(terminologyKinds.parameter, `The body is a Parameters resource, or a ${own}.`);
    }
    putObject(input, accepted, resourceName, body);
    return;
  }
  for (const parameter of objectsOf(body['parameter'])) putParameter(input, accepted, parameter);
}

function parsed(bytes: Buffer): JsonObject {
  try {
    return parseResourceJson(bytes, { maxCost: strangersCost });
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    return refuse(terminologyKinds.parameter, error.message);
  }
}

function putParameter(input: Input, accepted: Accepted, parameter: JsonObject): void {
  const name = known(accepted, textOf(parameter['name']) ?? '');
  if (accepted[name] === 'parts') {
    putObject(input, accepted, name, parameter);
    return;
  }
  const given = Object.entries(parameter).find(([key]) => /^(resource|value)/.test(key))?.[1];
  if (isJsonObject(given)) putObject(input, accepted, name, given);
  else if (given === undefined || typeof given === 'object') {
    refuse(terminologyKinds.parameter, `The parameter ${name} has no value, or another's.`);
  } else putText(input, accepted, name, String(given));
}

function putText(input: Input, accepted: Accepted, name: string, value: string): void {
  const kind = accepted[known(accepted, name)];
  if (kind === 'object' || kind === 'parts') {
    refuse(terminologyKinds.parameter, `The parameter ${name} is an object: send it by POST.`);
  }
  if (kind === 'boolean' && value !== 'true' && value !== 'false') {
    refuse(terminologyKinds.parameter, `The parameter ${name} is true or false.`);
  }
  if (kind === 'count' && !/^\d{1,9}$/.test(value)) {
    refuse(terminologyKinds.parameter, `The parameter ${name} is a whole number, 0 or more.`);
  }
  put(input.texts, name, value, kind === 'texts');
}

function putObject(input: Input, accepted: Accepted, name: string, value: JsonObject): void {
  const kind = accepted[known(accepted, name)];
  if (kind !== 'object' && kind !== 'parts') {
    refuse(terminologyKinds.parameter, `The parameter ${name} is a single value, not an object.`);
  }
  put(input.objects, name, value, kind === 'parts');
}

/** More of one name than any client means. */
const MOST_REPEATS = 100;

function put<T>(into: Map<string, T[]>, name: string, value: T, many: boolean): void {
  const list = into.get(name);
  if (list === undefined) into.set(name, [value]);
  else if (!many || list.length >= MOST_REPEATS) {
    refuse(terminologyKinds.parameter, `The parameter ${name} is given too often.`);
  } else list.push(value);
}

function known(accepted: Accepted, name: string): string {
  if (Object.hasOwn(accepted, name)) return name;
  const names = Object.keys(accepted).join(', ');
  return refuse(terminologyKinds.parameter, `There is a parameter that is none of: ${names}.`);
}
