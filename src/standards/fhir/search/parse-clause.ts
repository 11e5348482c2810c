import { type Budget, spend } from './budget.ts';
import { modifierOf } from './modifier.ts';
import type { SearchParameter } from './parameter.ts';
import { compositeClause } from './parse-composite.ts';
import { missingClause } from './parse-missing.ts';
import { referenceClause } from './parse-reference.ts';
import { listClause, nearClause, wordsClause } from './parse-special.ts';
import { stringClause } from './parse-string.ts';
import { tokenClause } from './parse-token.ts';
import { uriClause } from './parse-uri.ts';
import { birthDateTest, dateTest, numberTest, quantityTest } from './parse-value.ts';
import { splitEscaped, unescapeText } from './query-text.ts';
import type { SearchRegistry } from './registry.ts';
import type { Clause } from './search-query.ts';
import { refuse, refuseUnknown } from './search-refused.ts';

/** Known to R4 and refused, with what to do instead. */
const refused: Readonly<Record<string, string>> = {
  _query: 'no named query is defined here',
  _type: 'it belongs to a search over all types',
};

/** The parameter a name begins with; refuses what the type does not have. */
export function parameterOf(type: string, name: string, registry: SearchRegistry): SearchParameter {
  const code = name.split(':', 1)[0] ?? '';
  const why = Object.hasOwn(refused, code) ? refused[code] : undefined;
  if (why !== undefined) return refuse('not-supported', name, `${code} is not supported: ${why}.`);
  const parameter = registry.parametersOf(type).get(code);
  return parameter ?? refuseUnknown(name, `${type} has no search parameter of that name.`);
}

/** One test of a resource's own parameter: what every kind of value is parsed from. */
export type Test = {
  type: string;
  name: string;
  parameter: SearchParameter;
  modifier: string;
  target?: string;
  budget: Budget;
};

/** `name=value` over the resource itself, without chains. */
export function parsePlain(type: string, name: string, value: string, budget: Budget): Clause {
  const everywhere = ofEveryType(name, value, budget);
  if (everywhere) return everywhere;
  const parameter = parameterOf(type, name, budget.registry);
  const { modifier, type: target } = modifierOf(name, parameter);
  if (value === '') return refuse('value', name, `${name} has no value.`);
  if (modifier === 'missing') {
    return missingClause({ type, name, registry: budget.registry }, parameter, value);
  }
  const texts = alternatives(name, value, budget);
  if (parameter.code === '_id') {
    return { on: 'id', not: modifier === 'not', ids: texts.map((one) => idOf(name, one)) };
  }
  if (parameter.code === '_lastUpdated') {
    return { on: 'updated', ranges: texts.map((one) => dateTest(name, one, budget.now)) };
  }
  const test: Test = { type, name, parameter, modifier, budget };
  return clauseOf(target === undefined ? test : { ...test, target }, texts);
}

/** Parameters of every type that are no SearchParameter over an element. */
function ofEveryType(name: string, value: string, budget: Budget): Clause | undefined {
  const code = name.split(':', 1)[0] ?? '';
  if (code !== '_text' && code !== '_content' && code !== '_list') return undefined;
  if (code !== name) return refuse('invalid', name, `${code} takes no modifier.`);
  if (value === '') return refuse('value', name, `${name} has no value.`);
  const texts = alternatives(name, value, budget);
  return code === '_list' ? listClause(name, texts, budget.own) : wordsClause(code, texts);
}

function alternatives(name: string, value: string, budget: Budget): string[] {
  const texts = splitEscaped(value, ',');
  spend(budget, name, texts.length);
  return texts.includes('') ? refuse('value', name, `${name} has an empty alternative.`) : texts;
}

/** One clause of the parameter's kind; `texts` are alternatives, still escaped. */
export function clauseOf(test: Test, texts: string[]): Clause {
  const { name, parameter, budget } = test;
  const { now } = budget;
  const params = [...parameter.covers];
  switch (parameter.kind) {
    case 'token':
      return tokenClause(test, texts);
    case 'string':
      return stringClause(test, texts);
    case 'uri':
      return uriClause(test, texts);
    case 'reference':
      return referenceClause(test, texts);
    case 'date':
      return { on: 'date', name, params, values: texts.map((one) => dateTest(name, one, now)) };
    case 'birth-date': {
      const values = texts.map((one) => birthDateTest(name, one, now));
      return { on: 'birth-date', name, params, values };
    }
    case 'quantity':
      return { on: 'quantity', name, params, values: texts.map((one) => quantityTest(name, one)) };
    case 'number':
      return { on: 'quantity', name, params, values: texts.map((one) => numberTest(name, one)) };
    case 'composite':
      return compositeClause(test, texts, (part, text) =>
        clauseOf({ ...test, parameter: part, modifier: '' }, [text]),
      );
    case 'special':
      return nearClause(name, texts, budget);
  }
}

function idOf(name: string, text: string): string {
  const id = unescapeText(text);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id;
  return refuse('value', name, `${name} takes ids: 1 to 64 letters, digits, - and full stops.`);
}
