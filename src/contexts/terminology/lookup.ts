import { refuse } from '../../platform/problem.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import type { CodeSystem } from '../../standards/fhir/terminology/code-system.ts';
import { memberOf } from '../../standards/fhir/terminology/member.ts';
import { type Out, out, parameters, parts } from './answer.ts';
import { displayOf } from './display.ts';
import type { Accepted } from './input.ts';
import { terminologyKinds } from './problems.ts';
import {
  codeSystemOf,
  codingFrom,
  heldSystem,
  type Question,
  refuseUnanswerable,
} from './question.ts';

export const lookupAccepts: Accepted = {
  ...{ code: 'text', system: 'text', version: 'text', coding: 'object', date: 'text' },
  ...{ displayLanguage: 'text', property: 'texts' },
};

/** R4 codesystem-operation-lookup.html. Without `property` all that is known is told. */
export function lookup(question: Question): JsonObject {
  const { input } = question;
  refuseUnanswerable(input, 'date');
  const { system, concept } = conceptAsked(question);
  const member = memberOf(system, concept);
  const language = input.text('displayLanguage');
  const wanted = new Set(input.all('property'));
  const wants = (code: string) => wanted.size === 0 || wanted.has(code);
  const designations = wants('designation') ? member.designations : [];
  return parameters(
    out('name', 'String', system.name),
    out('version', 'String', system.version),
    out('display', 'String', displayOf(member, language) ?? member.code),
    ...designations.map(({ language: of, use, value }) =>
      parts(
        'designation',
        out('language', 'Code', of),
        out('use', 'Coding', use),
        out('value', 'String', value),
      ),
    ),
    ...properties(system, concept)
      .filter(({ code }) => wants(code))
      .map(({ told }) => told),
  );
}

function conceptAsked(question: Question): { system: CodeSystem; concept: number } {
  const { input, terminology, instance } = question;
  const coding = input.object('coding');
  const code = input.text('code');
  if ((code === undefined) === (coding === undefined)) {
    refuse(terminologyKinds.missing, 'Say either code and system, or coding.');
  }
  const given = coding === undefined ? undefined : codingFrom(coding);
  if (instance === undefined && given?.system === undefined && !input.texts.has('system')) {
    refuse(terminologyKinds.missing, 'Say the system of the code.');
  }
  const system =
    given?.system !== undefined && instance === undefined
      ? heldSystem(terminology, given.system, given.version ?? input.text('version'))
      : codeSystemOf(question, 'system');
  const concept = system.find(given?.code ?? code ?? '');
  if (concept < 0) refuse(terminologyKinds.unknown, 'The code is not in the code system.');
  return { system, concept };
}

type Property = { code: string; told: Out };

function properties(system: CodeSystem, concept: number): Property[] {
  const definition = system.definition(concept);
  const own = system.properties(concept);
  const relatives = (code: string, list: ArrayLike<number>) =>
    Array.from(list, (other) => ({
      code,
      told: property(code, 'Code', system.code(other), system.display(other)),
    }));
  const told = new Set(own.map(({ code }) => code));
  return [
    ...(definition === undefined
      ? []
      : [{ code: 'definition', told: property('definition', 'String', definition) }]),
    ...(told.has('inactive') || !system.isInactive(concept)
      ? []
      : [{ code: 'inactive', told: property('inactive', 'Boolean', true) }]),
    ...own.map(({ code, type, value }) => ({ code, told: property(code, type, value) })),
    ...relatives('parent', system.parents(concept)),
    ...relatives('child', system.children(concept)),
  ];
}

function property(code: string, type: string, value: unknown, description?: string): Out {
  return parts(
    'property',
    out('code', 'Code', code),
    out('value', type, value),
    out('description', 'String', description),
  );
}
