import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, type Asker, bundleOf, idsOf, type Resource } from '../records.ts';

/** What is asked, and the ids of its matches in any order; or the status of its refusal. */
export type QueryCase = readonly [query: string, matches: string | 400 | 422];

/** Stored as one transaction of updates, so that each keeps the id it is given. */
export async function store(asker: Asker, resources: readonly Resource[]): Promise<void> {
  const entry = resources.map((resource) => ({
    fullUrl: `http://example.org/${resource.resourceType}/${resource.id}`,
    ...{ resource },
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await asker.post('/fhir', bundleOf('transaction', entry));
  assert.equal(answer.status, 200, answer.text.slice(0, 2000));
}

/** One test a sentence, which lists every query it does not hold for. */
export function holds(sentence: string, asker: () => Asker, cases: readonly QueryCase[]): void {
  test(sentence, async () => {
    const wrong: string[] = [];
    for (const [query, matches] of cases) {
      const answer = await asker().get(`/fhir/${query}`);
      const told = toldBy(answer);
      const expected = typeof matches === 'number' ? `${matches}` : sorted(matches.split(' '));
      if (told === expected) continue;
      const refusal = answer.body.issue?.map(({ diagnostics }) => diagnostics).join('; ') ?? '';
      wrong.push(`${query}\n  is    ${told} ${refusal}\n  wants ${expected}`);
    }
    assert.equal(wrong.join('\n'), '');
  });
}

const sorted = (ids: string[]) =>
  ids
    .filter((id) => id !== '')
    .sort()
    .join(' ');

function toldBy(answer: Answer): string {
  if (answer.status === 200) return sorted(idsOf(answer, 'match'));
  assert.equal(answer.body.resourceType, 'OperationOutcome', answer.text);
  return `${answer.status}`;
}
