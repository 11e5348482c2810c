import { refuse } from '../../../platform/problem.ts';
import { searchParameters } from '../../../standards/fhir/search/parameter.ts';
import { type Group, groupOf, groups } from '../../../standards/fhir/sensitivity.ts';
import { recordKinds } from '../problems.ts';
import { elementsOf, isStoredParam } from '../stored-param.ts';

/**
 * A filter or a sort answers a question about the element behind it. Who may not see that element's
 * group may not ask, or the set of matches would tell.
 */
export function requireVisible(
  visible: ReadonlySet<Group>,
  type: string,
  params: readonly string[],
): void {
  if (visible.size === groups.length) return;
  for (const param of params) {
    const hidden = groupsBehind(type, param).find((group) => !visible.has(group));
    if (hidden === undefined) continue;
    const text = `Your roles do not see the ${hidden} part of ${type}: you cannot search by it.`;
    refuse(recordKinds.authorizationDenied, text, {
      issues: [{ severity: 'error', code: 'forbidden', expression: param, text }],
    });
  }
}

/** Whether `requireVisible` lets one parameter through. */
export function isVisible(visible: ReadonlySet<Group>, type: string, param: string): boolean {
  return groupsBehind(type, param).every((group) => visible.has(group));
}

const known = new Map<string, readonly Group[]>();

/** `param` is an index parameter's code, `x:identifier` and the like included. */
function groupsBehind(type: string, param: string): readonly Group[] {
  const key = `${type}.${param}`;
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  if (isStoredParam(param)) return groupsRead(type, param);
  const [code = ''] = param.split(':');
  const parameters = searchParameters(type);
  const parameter = parameters.get(code);
  // `patient` has no place of its own: it is what its rows' owner, `subject`, says.
  const places = [parameter, ...(parameter?.covers ?? []).map((one) => parameters.get(one))];
  const paths = places.flatMap((one) => (one?.plans ?? []).map(([path]) => path));
  for (const one of places) if (one?.path !== undefined) paths.push(one.path);
  const elements = paths.map((path) => path.split(/[ .[]/, 1)[0] ?? '');
  const found = new Set<Group>();
  // meta's labels travel with whatever part the caller sees; id is in the address.
  for (const name of elements) if (name !== 'meta' && name !== 'id') found.add(groupOf(type, name));
  const all = [...found];
  known.set(key, all);
  return all;
}

/** By a tenant's own parameter: what its expression may read. */
function groupsRead(type: string, param: string): readonly Group[] {
  const elements = elementsOf(param);
  if (elements === undefined) return groups;
  return [...new Set(elements.map((name) => groupOf(type, name)))];
}
