import { hasTrigrams } from './has-trigrams.ts';
import { maxPrefix, normalizeString, stringTrigrams } from './normalize.ts';
import type { SubstringTest } from './opened-clause.ts';
import type { Test } from './parse-clause.ts';
import { wordsTest } from './parse-words.ts';
import { unescapeText } from './query-text.ts';
import type { Clause } from './search-query.ts';
import { refuse } from './search-refused.ts';

/** A string parameter, R4 search.html#string: begins with, `:exact`, `:contains`, `:text`. */
export function stringClause(test: Test, texts: string[]): Clause {
  const { name, parameter, modifier } = test;
  const params = [...parameter.covers];
  if (modifier === 'exact') {
    return { on: 'string', name, params, modifier, values: texts.map(unescapeText) };
  }
  if (modifier === 'text') {
    const values = texts.map((one) => wordsTest(name, unescapeText(one)));
    return { on: 'words', name, params, of: 'string', values };
  }
  const values = texts.map((one) => shownTest(name, one));
  if (modifier !== 'contains' && values.every((one) => [...one].length <= maxPrefix)) {
    return { on: 'string', name, params, modifier: '', values };
  }
  const at = modifier === 'contains' ? 'anywhere' : 'word';
  return substringClause(test, values, at);
}

/** `values` are normalized. */
export function substringClause(
  { type, name, parameter }: Pick<Test, 'type' | 'name' | 'parameter'>,
  values: readonly string[],
  at: SubstringTest['at'],
): Clause {
  const params = [...parameter.covers];
  const indexed = params.every((param) => hasTrigrams(type, param));
  const tests = values.map((text): SubstringTest => {
    // The mark of a long text says something of what is stored, not of what is asked.
    const trigrams = indexed ? [...stringTrigrams(text.slice(0, maxPrefix * 2))] : [];
    const begins = at === 'start' || at === 'word' || at === 'whole';
    const prefix = begins ? [...text].slice(0, maxPrefix).join('').trimEnd() : undefined;
    return { text, at, trigrams, ...(prefix !== undefined && { prefix }) };
  });
  return { on: 'substring', name, params, kind: 'string', values: tests };
}

/** Text that is compared with strings, normalized: it needs letters or digits. */
export function shownTest(name: string, text: string): string {
  const normalized = normalizeString(unescapeText(text));
  return normalized === '' ? refuse('value', name, `${name} takes letters or digits.`) : normalized;
}
