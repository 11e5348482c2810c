import { type SearchParameter, searchParameters } from './parameter.ts';
import { type Budget, clauseForPart } from './parse-clause.ts';
import { splitEscaped } from './query-text.ts';
import type { Clause, CompositeTest } from './search-query.ts';
import { refuse } from './search-refused.ts';

type Composite = { type: string; name: string; parameter: SearchParameter; budget: Budget };
type CompositeClause = Extract<Clause, { on: 'composite' }>;

/** `a$b` alternatives of a composite, R4 search.html#combining. */
export function compositeClause(composite: Composite, texts: string[]): Clause {
  const { type, name, parameter } = composite;
  const alternatives = texts.map((text) => splitEscaped(text, '$'));
  const rows = rowsOf(type, parameter);
  const size = parameter.root?.length ?? rows?.parts?.length ?? 0;
  if (alternatives.some((parts) => parts.length !== size || parts.includes(''))) {
    return refuse('value', name, `${name} takes ${size} values joined by $.`);
  }
  const inRoot = (parameter.root ?? []).length > 0;
  if (!inRoot && rows) {
    const values = alternatives.map((parts) => repeatingTest(composite, rows, parts));
    return { on: 'composite', name, param: rows.code, values };
  }
  const values = alternatives.flatMap((parts): Clause[][] => {
    const ofRoot = rootClauses(composite, parts);
    if (!rows) return [ofRoot];
    const test = repeatingTest(composite, rows, parts);
    const repeating: CompositeClause = { on: 'composite', name, param: rows.code, values: [test] };
    return [ofRoot, [repeating]];
  });
  return { on: 'all-of-one', name, values };
}

/** The composite whose rows answer this one: itself, or component-… for combo-…. */
function rowsOf(type: string, parameter: SearchParameter): SearchParameter | undefined {
  if (parameter.parts) return parameter;
  const [code] = parameter.covers;
  return code === undefined ? undefined : searchParameters(type).get(code);
}

function rootClauses({ type, name, parameter, budget }: Composite, parts: string[]): Clause[] {
  return (parameter.root ?? []).map((code, at) =>
    partClause({ type, name, budget, code }, parts[at] ?? ''),
  );
}

type Part = { type: string; name: string; budget: Budget; code: string };

function partClause({ type, name, budget, code }: Part, text: string): Clause {
  const parameter = searchParameters(type).get(code);
  if (!parameter) return refuse('not-supported', name, `${name} is not supported.`);
  return clauseForPart({ type, name, parameter, budget }, text);
}

function repeatingTest(
  composite: Composite,
  rows: SearchParameter,
  texts: string[],
): CompositeTest {
  const { type, name, budget } = composite;
  const [first, second] = (rows.parts ?? []).map((part, at) =>
    partClause({ type, name, budget, code: part.param }, texts[at] ?? ''),
  );
  const token = first?.on === 'token' ? first.values[0] : undefined;
  const then = second === undefined ? undefined : secondTest(second);
  if (token && then) return { token, then };
  return refuse('not-supported', name, `${name} is not supported.`);
}

function secondTest(clause: Clause): CompositeTest['then'] | undefined {
  switch (clause.on) {
    case 'token':
    case 'date':
    case 'quantity':
    case 'reference': {
      const [test] = clause.values;
      // The value and its kind belong together; the compiler does not follow that through the union.
      return test && ({ on: clause.on, test } as CompositeTest['then']);
    }
    case 'string': {
      const [value] = clause.values;
      return value === undefined ? undefined : { on: 'string', value };
    }
    default:
      return undefined;
  }
}
