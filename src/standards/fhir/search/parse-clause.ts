import { modifierOf } from './modifier.ts';
import { presentUnder, type SearchParameter, searchParameters } from './parameter.ts';
import { compositeClause } from './parse-composite.ts';
import {
  birthDateTest,
  dateTest,
  numberTest,
  ofTypeTest,
  quantityTest,
  referenceTest,
  stringTest,
  tokenTest,
} from './parse-value.ts';
import { splitEscaped, unescapeText } from './query-text.ts';
import type { Clause, ReferenceTest } from './search-query.ts';
import { refuse, refuseUnknown } from './search-refused.ts';

/** What one search may still cost; shared by all of its pairs and chains. */
export type Budget = { values: number; own?: string };

/** Known to R4, answered nowhere in this store yet. */
const unbuilt = new Set(
  '_text _content _list _query _filter _type _contained _containedType'.split(' '),
);

/** The parameter a name begins with; refuses what the type does not have. */
export function parameterOf(type: string, name: string): SearchParameter {
  const code = name.split(':', 1)[0] ?? '';
  const parameter = searchParameters(type).get(code);
  if (unbuilt.has(code) || parameter?.kind === 'special') {
    return refuse(
      'not-supported',
      name,
      `${code} is not supported; search by the parameters of ${type}.`,
    );
  }
  return parameter ?? refuseUnknown(name, `${type} has no search parameter of that name.`);
}

/** `name=value` over the resource itself, without chains. */
export function parsePlain(type: string, name: string, value: string, budget: Budget): Clause {
  const parameter = parameterOf(type, name);
  const { modifier, type: target } = modifierOf(name, parameter);
  if (value === '') return refuse('value', name, `${name} has no value.`);
  if (modifier === 'missing') return missing(type, name, value, parameter);
  const alternatives = splitEscaped(value, ',');
  spend(budget, name, alternatives.length);
  if (alternatives.includes('')) return refuse('value', name, `${name} has an empty alternative.`);
  if (parameter.code === '_id') {
    const ids = alternatives.map((one) => idOf(name, one));
    return { on: 'id', not: modifier === 'not', ids };
  }
  if (parameter.code === '_lastUpdated') {
    return { on: 'updated', ranges: alternatives.map((one) => dateTest(name, one)) };
  }
  const test: Test = { type, name, parameter, modifier, budget };
  return clauseOf(target === undefined ? test : { ...test, target }, alternatives);
}

type Test = {
  type: string;
  name: string;
  parameter: SearchParameter;
  modifier: string;
  target?: string;
  budget: Budget;
};

function clauseOf(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier } = test;
  const params = [...parameter.covers];
  switch (parameter.kind) {
    case 'token':
      return tokenClause(test, texts);
    case 'string': {
      const exact = modifier === 'exact';
      const values = texts.map((one) => (exact ? unescapeText(one) : stringTest(name, one)));
      return { on: 'string', name, params, modifier: exact ? 'exact' : '', values };
    }
    case 'uri': {
      const values = texts.map(unescapeText);
      return { on: 'uri', name, params, not: modifier === 'not', values };
    }
    case 'reference':
      return referenceClause(test, texts);
    case 'date':
      return { on: 'date', name, params, values: texts.map((one) => dateTest(name, one)) };
    case 'birth-date':
      return {
        on: 'birth-date',
        name,
        params,
        values: texts.map((one) => birthDateTest(name, one)),
      };
    case 'quantity':
      return { on: 'quantity', name, params, values: texts.map((one) => quantityTest(name, one)) };
    case 'number':
      return { on: 'quantity', name, params, values: texts.map((one) => numberTest(name, one)) };
    case 'composite':
      return compositeClause(test, texts, (part, text) =>
        clauseOf({ ...test, parameter: part, modifier: '' }, [text]),
      );
    case 'special':
      return refuse('not-supported', name, `${name} is not supported.`);
  }
}

function tokenClause({ type, name, parameter, modifier }: Test, texts: string[]): Clause {
  const params = [...parameter.covers];
  if (modifier !== 'of-type') {
    const values = texts.map((one) => tokenTest(name, one, parameter));
    return { on: 'token', name, params, modifier: modifier === 'not' ? 'not' : '', values };
  }
  const identifiers = params.filter((code) =>
    searchParameters(type)
      .get(code)
      ?.plans.some(([, datatype]) => datatype === 'Identifier'),
  );
  if (identifiers.length === 0) {
    return refuse('invalid', name, `:of-type is for identifiers; ${parameter.code} has none.`);
  }
  const values = texts.map((one) => ofTypeTest(name, one));
  return {
    on: 'token',
    name,
    params: identifiers.map((one) => `${one}:of-type`),
    modifier,
    values,
  };
}

function referenceClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier, target, budget } = test;
  const limits = {
    targets: parameter.targets,
    ...(target !== undefined && { type: target }),
    ...(budget.own !== undefined && { own: budget.own }),
  };
  const values = texts.map((text): ReferenceTest => {
    if (modifier === 'identifier') return { identifier: tokenTest(name, text) };
    const value = referenceTest(name, text, limits);
    // A bare id is looked for under every type it may have.
    if ('types' in value) spend(budget, name, value.types.length - 1);
    return value;
  });
  return { on: 'reference', name, params: [...parameter.covers], not: modifier === 'not', values };
}

function missing(type: string, name: string, value: string, parameter: SearchParameter): Clause {
  const params = presentUnder(type, parameter);
  if (params.length === 0) {
    return refuse('not-supported', name, `:missing is not supported for ${parameter.code}.`);
  }
  if (value === 'true' || value === 'false') {
    return { on: 'missing', name, params, missing: value === 'true' };
  }
  return refuse('value', name, `${name} takes true or false.`);
}

function idOf(name: string, text: string): string {
  const id = unescapeText(text);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id;
  return refuse('value', name, `${name} takes ids: 1 to 64 letters, digits, - and full stops.`);
}

/** Refuses a search whose alternatives, over all types and chains, are too many to look up. */
export function spend(budget: Budget, name: string, values: number): void {
  budget.values -= values;
  if (budget.values < 0) refuse('too-costly', name, 'The search has too many alternatives.');
}
