import type { Budget } from './budget.ts';
import type { SearchParameter } from './parameter.ts';
import { splitEscaped } from './query-text.ts';
import type { Clause, CompositeTest } from './search-query.ts';
import { refuse } from './search-refused.ts';

type Composite = { type: string; name: string; parameter: SearchParameter; budget: Budget };
type CompositeClause = Extract<Clause, { on: 'composite' }>;
/** Reads one part as a test of that parameter. */
type ReadPart = (parameter: SearchParameter, text: string) => Clause;

/** `a$b` alternatives of a composite, R4 search.html#combining. */
export function compositeClause(composite: Composite, texts: string[], read: ReadPart): Clause {
  const { type, name, parameter, budget } = composite;
  const alternatives = texts.map((text) => splitEscaped(text, '$'));
  const rows = rowsOf(parameter, budget.registry.parametersOf(type));
  const size = parameter.root?.length ?? rows?.parts?.length ?? 0;
  if (alternatives.some((parts) => parts.length !== size || parts.includes(''))) {
    return refuse('value', name, `${name} takes ${size} values joined by $.`);
  }
  const inRoot = (parameter.root ?? []).length > 0;
  if (!inRoot && rows) {
    const values = alternatives.map((parts) => repeatingTest(composite, rows, parts, read));
    return { on: 'composite', name, param: rows.code, values };
  }
  const values = alternatives.flatMap((parts): Clause[][] => {
    const ofRoot = rootClauses(composite, parts, read);
    if (!rows) return [ofRoot];
    const test = repeatingTest(composite, rows, parts, read);
    const repeating: CompositeClause = { on: 'composite', name, param: rows.code, values: [test] };
    return [ofRoot, [repeating]];
  });
  return { on: 'all-of-one', name, values };
}

/** The composite whose rows answer this one: itself, or component-… for combo-…. */
export function rowsOf(
  parameter: SearchParameter,
  parameters: ReadonlyMap<string, SearchParameter>,
): SearchParameter | undefined {
  if (parameter.parts) return parameter;
  const [code] = parameter.covers;
  return code === undefined ? undefined : parameters.get(code);
}

function rootClauses(composite: Composite, texts: string[], read: ReadPart): Clause[] {
  const codes = composite.parameter.root ?? [];
  return codes.map((code, at) => partClause(composite, code, texts[at] ?? '', read));
}

function partClause(composite: Composite, code: string, text: string, read: ReadPart): Clause {
  const { type, name, budget } = composite;
  const parameter = budget.registry.parametersOf(type).get(code);
  return parameter ? read(parameter, text) : refuse('not-supported', name, `${name} is not built.`);
}

function repeatingTest(
  composite: Composite,
  rows: SearchParameter,
  texts: string[],
  read: ReadPart,
): CompositeTest {
  const { name } = composite;
  const [first, second] = (rows.parts ?? []).map((part, at) =>
    partClause(composite, part.param, texts[at] ?? '', read),
  );
  const token = first?.on === 'token' ? first.values[0] : undefined;
  const then = second === undefined ? undefined : secondTest(second);
  if (!token || !then) return refuse('not-supported', name, `${name} is not built.`);
  // The rows are keyed by whole codes.
  const codes = then.on === 'token' ? [token, then.test] : [token];
  if (codes.some((one) => one.code === undefined)) {
    return refuse('value', name, `${name} takes code or system|code, not a system alone.`);
  }
  // oxlint-disable-next-line unicorn/no-thenable -- a test, never a function
  return { token, then };
}

function secondTest(clause: Clause): CompositeTest['then'] | undefined {
  switch (clause.on) {
    case 'token':
    case 'date':
    case 'quantity':
    case 'reference': {
      const [test] = clause.values;
      // The value and its kind belong together; the compiler does not follow that through the
      // union.
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
