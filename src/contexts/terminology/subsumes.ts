import { refuse } from '../../platform/problem.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import type { CodeSystem } from '../../standards/fhir/terminology/code-system.ts';
import { subsumption } from '../../standards/fhir/terminology/hierarchy.ts';
import { out, parameters } from './answer.ts';
import type { Accepted, Input } from './input.ts';
import { terminologyKinds } from './problems.ts';
import { codeSystemOf, codingFrom, type Question } from './question.ts';

export const subsumesAccepts: Accepted = {
  ...{ codeA: 'text', codeB: 'text', system: 'text', version: 'text' },
  ...{ codingA: 'object', codingB: 'object' },
};

/** R4 codesystem-operation-subsumes.html: is A the same as, above or below B. */
export function subsumes(question: Question): JsonObject {
  const { input } = question;
  const a = codeAsked(input, 'A');
  const b = codeAsked(input, 'B');
  const system = codeSystemOf(question, 'system');
  const outcome = subsumption(system, conceptOf(system, a, 'A'), conceptOf(system, b, 'B'));
  return parameters(out('outcome', 'Code', outcome));
}

type Asked = { code: string; system: string | undefined };

function codeAsked(input: Input, letter: 'A' | 'B'): Asked {
  const code = input.text(`code${letter}`);
  const coding = input.object(`coding${letter}`);
  if (coding !== undefined && code === undefined) return codingFrom(coding);
  if (code === undefined || coding !== undefined) {
    return refuse(terminologyKinds.missing, `Say either code${letter} or coding${letter}.`);
  }
  return { code, system: undefined };
}

function conceptOf(system: CodeSystem, asked: Asked, letter: string): number {
  if (asked.system !== undefined && asked.system !== system.url) {
    const says = `Coding ${letter} is of another code system; across two, none is known here.`;
    return refuse(terminologyKinds.notSupported, says);
  }
  const concept = system.find(asked.code);
  if (concept >= 0) return concept;
  return refuse(terminologyKinds.codeInvalid, `Code ${letter} is not in the code system.`);
}
