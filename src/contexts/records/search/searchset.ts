import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import type { Included } from './include.ts';
import type { Page } from './page.ts';
import { shaped } from './shape.ts';
import type { Shown } from './show.ts';

export type Answer = {
  readonly baseUrl: string;
  /** Of the search, below the base. */
  readonly path: string;
  readonly query: SearchQuery;
  readonly page: Page;
  readonly matches: readonly Shown[];
  readonly included: Included;
  readonly next: string | undefined;
};

/** The searchset Bundle, joined from the records' bytes. */
export function searchset(answer: Answer): Buffer {
  const { query, page } = answer;
  const { total } = page;
  const head = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: links(answer),
  };
  const entries = query.summary === 'count' ? [] : entriesOf(answer);
  const text = JSON.stringify(head).slice(0, -1);
  if (entries.length === 0) return Buffer.from(`${text}}`);
  const pieces: Buffer[] = [Buffer.from(`${text},"entry":[`)];
  entries.forEach((entry, index) => {
    if (index > 0) pieces.push(Buffer.from(','));
    pieces.push(...entry);
  });
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}

/** `self` says what ran, not what was written (FHIR R4 search.html#conformance). */
function links({ baseUrl, path, query, next }: Answer) {
  const used = new URLSearchParams();
  for (const [name, value] of query.used) used.append(name, value);
  const tail = used.size === 0 ? '' : `?${used}`;
  const at = path === '' ? baseUrl : `${baseUrl}/${path}`;
  const self = { relation: 'self', url: `${at}${tail}` };
  if (next === undefined) return [self];
  return [self, { relation: 'next', url: `${at}?_cursor=${next}` }];
}

function entriesOf(answer: Answer): Buffer[][] {
  const { query, baseUrl } = answer;
  const entry = (shown: Shown, mode: 'match' | 'include'): Buffer[] => [
    Buffer.from(`{"fullUrl":"${baseUrl}/${shown.stored.type}/${shown.stored.id}","resource":`),
    mode === 'match' ? shaped(query, shown) : shown.json,
    Buffer.from(`,"search":{"mode":"${mode}"}}`),
  ];
  const entries = answer.matches.map((one) => entry(one, 'match'));
  entries.push(...answer.included.shown.map((one) => entry(one, 'include')));
  const outcome = outcomeEntry(answer);
  if (outcome !== undefined) entries.push([outcome]);
  return entries;
}

/** Whatever was ignored, capped or cut is said in the page itself. */
function outcomeEntry({ query, page, matches, included }: Answer): Buffer | undefined {
  const { lines = [], match } = page.explained ?? {};
  const issue: Told[] = [
    ...query.ignored.map((name) => warning('not-supported', `Ignored: ${name}.`)),
    ...[...(query.limited ?? []), ...page.told].map((text) => warning('informational', text)),
  ];
  if (included.cut) {
    issue.push(warning('incomplete', 'Not all included records are in this page: too many.'));
  }
  const answered = match === undefined ? [] : matches.flatMap((one) => match(one) ?? []);
  for (const text of [...lines, ...answered]) issue.push({ ...explanation, details: { text } });
  if (issue.length === 0) return undefined;
  const resource = { resourceType: 'OperationOutcome', issue };
  return Buffer.from(JSON.stringify({ resource, search: { mode: 'outcome' } }));
}

const explanation = { severity: 'information', code: 'informational' } as const;

type Told = { severity: string; code: string; details: { text: string }; diagnostics?: string };

function warning(code: string, text: string): Told {
  return { severity: 'warning', code, details: { text }, diagnostics: text };
}
