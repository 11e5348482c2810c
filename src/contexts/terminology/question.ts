import { refuse } from '../../platform/problem.ts';
import { isJsonObject, type JsonObject } from '../../standards/fhir/json-object.ts';
import type { CodeSystem } from '../../standards/fhir/terminology/code-system.ts';
import { objectsOf, textOf } from '../../standards/fhir/terminology/resource-field.ts';
import { resourceSystem } from '../../standards/fhir/terminology/resource-system.ts';
import type { Terminology } from '../../standards/fhir/terminology/terminology.ts';
import type { ValueSet } from '../../standards/fhir/terminology/value-set.ts';
import type { Input } from './input.ts';
import { terminologyKinds } from './problems.ts';

/** An operation's call: on what definitions, with what, on which stored instance if on one. */
export type Question = {
  terminology: Terminology;
  input: Input;
  instance: JsonObject | undefined;
  now: Date;
};

/** A code to ask about; what is told with it must be right too. */
export type Coding = {
  system: string | undefined;
  version: string | undefined;
  code: string;
  display: string | undefined;
};

/** `url`, `valueSet` or the instance; exactly one of them. */
export function valueSetOf({ terminology, input, instance }: Question): ValueSet {
  const inline = input.object('valueSet');
  const url = input.text('url');
  requireOne('valueSet', inline, url, instance);
  const resource = requireType('ValueSet', inline ?? instance);
  if (resource !== undefined) return terminology.compile(resource);
  const canonical = withVersion(url ?? '', input.text('valueSetVersion'));
  return (
    terminology.valueSet(canonical) ??
    refuse(terminologyKinds.unknown, 'This value set is not known here.')
  );
}

/** `url` (or `system`, where the operation calls it so), `codeSystem` or the instance. */
export function codeSystemOf(question: Question, name: 'url' | 'system'): CodeSystem {
  const { terminology, input, instance } = question;
  const inline = input.object('codeSystem');
  const url = input.text(name) ?? ((inline ?? instance) ? undefined : systemOfCodings(input));
  requireOne('codeSystem', inline, instance === undefined ? url : undefined, instance);
  const resource = requireType('CodeSystem', inline ?? instance);
  const held = textOf(resource?.['url']);
  if (url !== undefined && held !== undefined && url !== held) {
    refuse(terminologyKinds.parameter, `This CodeSystem is not the ${name} that is asked for.`);
  }
  const { content } = resource ?? {};
  if (resource !== undefined && content !== 'not-present' && content !== 'supplement') {
    return resourceSystem(resource);
  }
  return heldSystem(terminology, held ?? url ?? '', input.text('version'));
}

/** A system by its url. 404 `not-found`: it is not held here. */
export function heldSystem(
  terminology: Terminology,
  url: string,
  version: string | undefined,
): CodeSystem {
  return (
    terminology.codeSystem(url, version) ??
    refuse(terminologyKinds.unknown, 'This code system, or its version, is not held here.')
  );
}

function systemOfCodings(input: Input): string | undefined {
  for (const name of ['coding', 'codingA']) {
    const system = textOf(input.object(name)?.['system']);
    if (system !== undefined) return system;
  }
  return undefined;
}

function requireType(type: string, resource: JsonObject | undefined): JsonObject | undefined {
  if (resource !== undefined && resource['resourceType'] !== type) {
    refuse(terminologyKinds.parameter, `A ${type} is wanted here, another resource is given.`);
  }
  return resource;
}

function requireOne(name: string, ...given: unknown[]): void {
  const count = given.filter((one) => one !== undefined).length;
  if (count === 0) refuse(terminologyKinds.missing, `Say which: url, or ${name} by POST.`);
  if (count > 1) {
    refuse(terminologyKinds.parameter, `Either url, or ${name}, or the instance: one of them.`);
  }
}

export function withVersion(url: string, version: string | undefined): string {
  return version === undefined ? url : `${url}|${version}`;
}

/** code and system, coding, or codeableConcept: exactly one; the codings in it. */
export function codingsOf(input: Input, versionName: string): Coding[] {
  const code = input.text('code');
  const coding = input.object('coding');
  const concept = input.object('codeableConcept');
  const given = [code, coding, concept].filter((one) => one !== undefined).length;
  if (given !== 1) {
    const kind = given === 0 ? terminologyKinds.missing : terminologyKinds.parameter;
    return refuse(kind, 'Say one of: code (with system), coding, codeableConcept.');
  }
  if (concept !== undefined) return objectsOf(concept['coding']).map((one) => codingFrom(one));
  if (coding !== undefined) return [codingFrom(coding)];
  return [
    {
      system: input.text('system'),
      version: input.text(versionName),
      code: code ?? '',
      display: input.text('display'),
    },
  ];
}

export function codingFrom(value: unknown): Coding {
  const from = isJsonObject(value) ? value : {};
  return {
    system: textOf(from['system']),
    version: textOf(from['version']),
    code: textOf(from['code']) ?? refuse(terminologyKinds.missing, 'A coding here needs a code.'),
    display: textOf(from['display']),
  };
}

/** A date would ask for the terminology of another day; only today's is held. */
export function refuseUnanswerable(input: Input, ...names: string[]): void {
  const given = names.find((name) => input.texts.has(name));
  if (given === undefined) return;
  refuse(terminologyKinds.notSupported, `The parameter ${given} is not supported: leave it out.`);
}
