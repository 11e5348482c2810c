import { refuse } from '../../../platform/problem.ts';
import type { Issue } from '../../../standards/fhir/issue.ts';
import { parseSearch } from '../../../standards/fhir/search/parse-query.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { SearchRefused } from '../../../standards/fhir/search/search-refused.ts';
import {
  type SubscriptionOrder,
  subscriptionOrder,
} from '../../../standards/fhir/subscription/subscription-order.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { isSelfContained } from '../self-contained.ts';

/** A Subscription that cannot be served is refused when it is written, with every reason. */
export function requireServable(resource: Resource, baseUrl: string): void {
  if (resource.resourceType !== 'Subscription') return;
  if (resource['status'] === 'off' || resource['status'] === 'error') return;
  const order = subscriptionOrder(resource, `${baseUrl}/SubscriptionTopic`);
  const issues = Array.isArray(order) ? order : filterIssues(order, baseUrl);
  if (issues.length === 0) return;
  const text = 'This Subscription cannot be served: see the issues.';
  refuse(recordKinds.structure, text, { issues });
}

/** The filter of an order that is in order: each clause told from the changed record alone. */
export function filterOf(order: SubscriptionOrder, baseUrl: string): Clause[] {
  return parseSearch(order.type, order.filter, { lenient: false, own: baseUrl }).where;
}

function filterIssues(order: SubscriptionOrder, baseUrl: string): Issue[] {
  const expression = 'Subscription.criteria';
  const issue = (text: string): Issue => ({
    severity: 'error',
    code: 'not-supported',
    expression,
    text,
  });
  try {
    const query = parseSearch(order.type, order.filter, { lenient: false, own: baseUrl });
    const shaping = query.used.find(([name]) => resultParameters.has(name.split(':', 1)[0] ?? ''));
    const issues =
      shaping === undefined ? [] : [issue(`${shaping[0]} shapes an answer; it filters nothing.`)];
    if (!query.where.every(isSelfContained)) {
      issues.push(
        issue(
          'Criteria are told from the changed record alone: no chain, _has, _list or value set.',
        ),
      );
    }
    return issues;
  } catch (error) {
    if (!(error instanceof SearchRefused)) throw error;
    return error.issues.map((one) => issue(one.text));
  }
}

const resultParameters: ReadonlySet<string> = new Set([
  ...['_include', '_revinclude', '_sort', '_summary', '_elements', '_count', '_total', '_asOf'],
]);
