import type { ValueSetTest } from './opened-clause.ts';
import type { Test } from './parse-clause.ts';
import { shownTest } from './parse-string.ts';
import { ofTypeTest, tokenTest } from './parse-value.ts';
import { splitEscaped, unescapeText } from './query-text.ts';
import { referenceKey } from './reference-text.ts';
import type { Clause, TokenTest } from './search-query.ts';
import { refuse } from './search-refused.ts';

/** A token parameter with any of its modifiers, R4 search.html#token. */
export function tokenClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier } = test;
  const params = [...parameter.covers];
  requireShown(test);
  switch (modifier) {
    case 'of-type':
      return ofTypeClause(test, texts);
    case 'text':
      return { on: 'text', name, params, values: texts.map((one) => shownTest(name, one)) };
    case 'in':
    case 'not-in': {
      const values = texts.map((one) => valueSetTest(name, one, test.budget.own));
      return { on: 'value-set', name, params, not: modifier === 'not-in', values };
    }
    case 'above':
    case 'below': {
      const values = texts.map((one) => codedTest(test, one));
      return { on: 'subsumption', name, params, direction: modifier, values };
    }
    default: {
      const values = texts.map((one) => tokenTest(name, one, parameter));
      return { on: 'token', name, params, modifier: modifier === 'not' ? 'not' : '', values };
    }
  }
}

/** What is shown beside a value is known where R4 says in which element it stands. */
export function requireShown({ name, parameter, modifier }: Test): void {
  if (modifier === 'text' && parameter.extract !== undefined) {
    refuse('not-supported', name, ':text is not supported for a parameter of your own.');
  }
}

function ofTypeClause({ type, name, parameter, budget }: Test, texts: string[]): Clause {
  const identifiers = parameter.covers.filter((code) =>
    budget.registry
      .parametersOf(type)
      .get(code)
      ?.plans.some(([, datatype]) => datatype === 'Identifier'),
  );
  if (identifiers.length === 0) {
    return refuse('invalid', name, `:of-type is for identifiers; ${parameter.code} has none.`);
  }
  const params = identifiers.map((one) => `${one}:of-type`);
  const values = texts.map((one) => ofTypeTest(name, one));
  return { on: 'token', name, params, modifier: 'of-type', values };
}

/** A canonical url or `ValueSet/id`. */
export function valueSetTest(name: string, text: string, own?: string): ValueSetTest {
  const value = unescapeText(text);
  const key = referenceKey(value, own);
  if (key?.type === 'ValueSet') return { id: key.id };
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value)) return { canonical: value };
  return refuse('value', name, `${name} takes the url of a value set or ValueSet/id.`);
}

/** A code and its system, which may be left out where the parameter implies one. */
export function codedTest({ name, parameter }: Test, text: string): TokenTest {
  const parts = splitEscaped(text, '|').map(unescapeText);
  const [first = '', second] = parts;
  const implied = parameter.systems?.length === 1 ? parameter.systems[0] : undefined;
  const system = second === undefined ? implied : first;
  const code = second ?? first;
  if (parts.length > 2 || code === '' || system === undefined || system === '') {
    return refuse('value', name, `${name} takes system|code.`);
  }
  return { system, code };
}
