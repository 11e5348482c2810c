import { spend } from './budget.ts';
import type { Test } from './parse-clause.ts';
import { tokenTest } from './parse-value.ts';
import { unescapeText } from './query-text.ts';
import type { Clause, ReferenceTest } from './search-query.ts';
import { refuse } from './search-refused.ts';
import { trimSlash, uriAncestors } from './uri-path.ts';

/** A uri parameter, R4 search.html#uri, `:above` and `:below` included. */
export function uriClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier, budget } = test;
  const params = [...parameter.covers];
  const values = texts.map(unescapeText);
  const canonical = parameter.plans.some(([, datatype]) => datatype === 'canonical');
  if (modifier === 'above') {
    const above = canonical
      ? values.flatMap(versionsAbove)
      : values.flatMap(uriAncestors).flatMap((one) => [one, `${one}/`]);
    spend(budget, name, above.length);
    return { on: 'uri', name, params, not: false, values: [...new Set(above)] };
  }
  if (modifier === 'below') return belowClause(test, values, canonical);
  const not = modifier === 'not';
  const plain: Clause = { on: 'uri', name, params, not: false, values };
  const versioned = values.flatMap((value) => versionedClause(test, value));
  if (versioned.length === 0) return { ...plain, not };
  const found: Clause = { on: 'or', name, clauses: [plain, ...versioned] };
  return not ? { on: 'not', name, clause: found } : found;
}

function belowClause({ name, parameter }: Test, values: string[], canonical: boolean): Clause {
  const params = [...parameter.covers];
  const versions = canonical ? values.flatMap(versionOf) : [];
  const paths = values.filter((value) => !canonical || versionOf(value).length === 0);
  const clauses: Clause[] = [];
  if (paths.length > 0) {
    clauses.push({ on: 'uri-below', name, params, values: paths.map(trimSlash) });
  }
  if (versions.length > 0) {
    clauses.push({ on: 'canonical-below', name, params, kind: 'uri', values: versions });
  }
  const [only] = clauses;
  return clauses.length === 1 && only ? only : { on: 'or', name, clauses };
}

/**
 * `url=http://a.test/x|2` on a canonical resource also means that url with that version (R4
 * search.html#uri: "automatically detecting a |[version] portion").
 */
function versionedClause({ type, name, parameter, budget }: Test, value: string): Clause[] {
  const version = budget.registry.parametersOf(type).get('version');
  const [found] = versionOf(value);
  if (parameter.code !== 'url' || version?.kind !== 'token' || !found) return [];
  const params = [...parameter.covers];
  const values = [tokenTest(name, found.version.replaceAll('|', '\\|'), version)];
  return [
    {
      on: 'and',
      name,
      clauses: [
        { on: 'uri', name, params, not: false, values: [found.url] },
        { on: 'token', name, params: [...version.covers], modifier: '', values },
      ],
    },
  ];
}

function versionOf(value: string): { url: string; version: string }[] {
  const bar = value.indexOf('|');
  if (bar <= 0 || bar === value.length - 1) return [];
  return [{ url: value.slice(0, bar), version: value.slice(bar + 1) }];
}

/** url|1.2.3 has above it url|1.2 and url|1; at most 8 levels, the longest first. */
function versionsAbove(value: string): string[] {
  const [found] = versionOf(value);
  if (!found) return [value];
  const parts = found.version.split('.').slice(0, 8);
  return parts.map((_, at) => `${found.url}|${parts.slice(0, parts.length - at).join('.')}`);
}

/** `:above` and `:below` of a canonical: by its version (R4 search.html#reference). */
export function canonicalHierarchy(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier } = test;
  if (parameter.targets.length > 0) {
    return refuse(
      'not-supported',
      name,
      `:${modifier} is answered for canonical URLs and their versions, not for ${parameter.code}.`,
    );
  }
  const params = [...parameter.covers];
  const values = texts.map(unescapeText);
  if (modifier === 'above') {
    const tests = values.flatMap(versionsAbove).map((url): ReferenceTest => ({ url }));
    return { on: 'reference', name, params, not: false, values: tests };
  }
  const plain = values.filter((value) => versionOf(value).length === 0);
  const clauses: Clause[] = [];
  if (plain.length > 0) {
    const tests = plain.map((url): ReferenceTest => ({ url }));
    clauses.push({ on: 'reference', name, params, not: false, values: tests });
  }
  const versions = values.flatMap(versionOf);
  if (versions.length > 0) {
    clauses.push({ on: 'canonical-below', name, params, kind: 'reference', values: versions });
  }
  const [only] = clauses;
  return clauses.length === 1 && only ? only : { on: 'or', name, clauses };
}
