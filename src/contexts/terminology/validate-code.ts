import { refuse } from '../../platform/problem.ts';
import type { JsonObject } from '../../standards/fhir/json-object.ts';
import { type Found, memberOf } from '../../standards/fhir/terminology/member.ts';
import { out, parameters } from './answer.ts';
import { displayOf, isDisplay } from './display.ts';
import type { Accepted, Input } from './input.ts';
import { terminologyKinds } from './problems.ts';
import {
  type Coding,
  codeSystemOf,
  codingsOf,
  type Question,
  refuseUnanswerable,
  valueSetOf,
} from './question.ts';

const both: Accepted = {
  ...{ url: 'text', code: 'text', display: 'text', coding: 'object', codeableConcept: 'object' },
  ...{ date: 'text', abstract: 'boolean', displayLanguage: 'text' },
};

export const valueSetAccepts: Accepted = {
  ...both,
  ...{ context: 'text', valueSet: 'object', valueSetVersion: 'text' },
  ...{ system: 'text', systemVersion: 'text' },
};
export const codeSystemAccepts: Accepted = { ...both, codeSystem: 'object', version: 'text' };

/** Whether one code is valid; `untold`: its code system is not held here. */
type Verdict = { result: boolean | 'untold'; message?: string; display?: string | undefined };

/** R4 valueset-operation-validate-code.html. */
export function validateInValueSet(question: Question): JsonObject {
  const { input, terminology } = question;
  refuseUnanswerable(input, 'date', 'context');
  const set = valueSetOf(question);
  const codings = codingsOf(input, 'systemVersion');
  return answer(codings, (coding) => {
    const { system, version, code } = coding;
    if (version !== undefined && system !== undefined) {
      const known = terminology.codeSystem(system) !== undefined;
      if (known && terminology.codeSystem(system, version) === undefined) {
        return { result: 'untold', message: 'That version of the code system is not held here.' };
      }
    }
    return verdict(set.find(system, code), coding, input, 'The code is not in the value set.');
  });
}

/** R4 codesystem-operation-validate-code.html. */
export function validateInCodeSystem(question: Question): JsonObject {
  const { input } = question;
  refuseUnanswerable(input, 'date');
  const system = codeSystemOf(question, 'url');
  const codings = codingsOf(input, 'version');
  return answer(codings, (coding) => {
    if (coding.system !== undefined && coding.system !== system.url) {
      return { result: false, message: 'The coding is of another code system.' };
    }
    const concept = system.find(coding.code);
    const partial = system.completeness !== 'complete';
    const found = concept >= 0 ? memberOf(system, concept) : partial ? undefined : false;
    return verdict(found, coding, input, 'The code is not in the code system.');
  });
}

function verdict(found: Found, coding: Coding, input: Input, absent: string): Verdict {
  if (found === undefined) {
    return { result: 'untold', message: 'The code system is not held here, or only in part.' };
  }
  if (found === false) return { result: false, message: absent };
  const display = displayOf(found, input.text('displayLanguage'));
  if (found.abstract && input.boolean('abstract') === false) {
    return { result: false, message: 'The code is abstract: a heading, not to be used.', display };
  }
  if (coding.display !== undefined && !isDisplay(found, coding.display)) {
    return { result: false, message: 'The display is not one of the code.', display };
  }
  return { result: true, display, ...(found.inactive && { message: 'The code is inactive.' }) };
}

/** Of several codings one valid one is enough (parameter codeableConcept). */
function answer(codings: readonly Coding[], judge: (coding: Coding) => Verdict): JsonObject {
  const verdicts = codings.map(judge);
  const best =
    verdicts.find(({ result }) => result === true) ??
    verdicts.find(({ result }) => result === 'untold') ??
    verdicts[0] ??
    ({ result: false, message: 'There is no coding to validate.' } satisfies Verdict);
  const { result, message, display } = best;
  if (result === 'untold') {
    return refuse(terminologyKinds.notHeld, `${message} Whether the code is valid is not known.`);
  }
  return parameters(
    out('result', 'Boolean', result),
    out('message', 'String', message),
    out('display', 'String', display),
  );
}
