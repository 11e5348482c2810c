import type { Principal } from '../../platform/principal.ts';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import type { Group } from '../../standards/fhir/sensitivity.ts';
import type { Access, Action, Decision, Reach } from './decision.ts';
import type { PolicyBook } from './policy.ts';
import { purposesOfUse } from './purpose.ts';

/** A `may` line as a closure, with the groups and the place its policy gives it. */
type Rule = {
  covers(action: Action, type: string): boolean;
  own: boolean;
  purposes: ReadonlySet<string>;
  groups: ReadonlySet<Group>;
  because: string;
};

/** All answers to one question, so that asking again is a few look-ups. */
type Verdict = { other: Decision; own: Decision; reach: Reach; reachOfNobody: Reach };

type RoleSet = {
  names: string;
  rules: readonly Rule[];
  permissions: ReadonlySet<string>;
  /** By purpose, type and action. */
  verdicts: Map<string, Map<string, Map<string, Verdict>>>;
};

/** About 10 MB when full; then all are forgotten and found again at 2 µs each. */
const REMEMBERED_VERDICTS = 10_000;
const REMEMBERED_ROLE_SETS = 500;

export function compileAccess(book: PolicyBook): Access {
  const byName = new Map<string, RoleSet>();
  let byRoles = new WeakMap<readonly string[], RoleSet>();
  let remembered = 0;

  function forget(): void {
    byName.clear();
    byRoles = new WeakMap();
    remembered = 0;
  }

  function roleSet({ roles }: Principal): RoleSet {
    const known = byRoles.get(roles);
    if (known !== undefined) return known;
    const names = roles.filter((role) => book.roles.has(role)).sort();
    const joined = names.join(', ');
    let found = byName.get(joined);
    if (found === undefined) {
      if (byName.size >= REMEMBERED_ROLE_SETS) forget();
      found = compile(book, names);
      byName.set(joined, found);
    }
    byRoles.set(roles, found);
    return found;
  }

  function verdict(of: RoleSet, action: Action, type: string, purpose: string): Verdict {
    const known = of.verdicts.get(purpose)?.get(type)?.get(action);
    if (known !== undefined) return known;
    const fault = faultOf(type, purpose);
    // Not remembered: what a caller invents must not fill the memory.
    if (fault !== undefined) return refusal(fault);
    if (remembered >= REMEMBERED_VERDICTS) forget();
    remembered += 1;
    const found = judge(of, action, type, purpose);
    const types = entry(of.verdicts, purpose, () => new Map<string, Map<string, Verdict>>());
    entry(types, type, () => new Map<string, Verdict>()).set(action, found);
    return found;
  }

  return {
    decide(principal, action, type, own, purpose) {
      const found = verdict(roleSet(principal), action, type, purpose);
      return own && principal.patient !== undefined ? found.own : found.other;
    },
    reach(principal, action, type, purpose) {
      const found = verdict(roleSet(principal), action, type, purpose);
      return principal.patient === undefined ? found.reachOfNobody : found.reach;
    },
    permits(principal, permission) {
      const { permissions } = roleSet(principal);
      if (permissions.has(permission)) return true;
      const dot = permission.indexOf('.');
      return dot > 0 && permissions.has(`${permission.slice(0, dot)}.*`);
    },
  };
}

function compile(book: PolicyBook, names: readonly string[]): RoleSet {
  const roles = new Set(names.flatMap((name) => [...(book.roles.get(name) ?? [])]));
  const policies = book.policies.filter((policy) => !policy.roles.isDisjointFrom(roles));
  return {
    names: names.join(', ') || 'a caller without a known role',
    permissions: new Set(policies.flatMap((policy) => policy.permissions)),
    verdicts: new Map(),
    rules: policies.flatMap((policy) =>
      policy.grants.map((grant) => ({
        covers: (action: Action, type: string) =>
          grant.actions.has(action) && grant.types.has(type),
        own: grant.own,
        purposes: policy.purposes,
        groups: policy.sees,
        because: `${policy.name}:${grant.line}`,
      })),
    ),
  };
}

function judge(of: RoleSet, action: Action, type: string, purpose: string): Verdict {
  const covering = of.rules.filter((rule) => rule.covers(action, type));
  const valid = covering.filter((rule) => rule.purposes.has(purpose));
  const open = valid.filter((rule) => !rule.own);
  const closed = valid[0] ?? covering[0];
  const no = (): Decision & { permit: false } => {
    if (closed === undefined) {
      return { permit: false, because: `no policy lets ${of.names} ${action} ${type}` };
    }
    if (valid.length === 0) {
      return { permit: false, because: `${closed.because} is not for the purpose ${purpose}` };
    }
    return { permit: false, because: `${closed.because} is for own records only` };
  };
  const other = open.length > 0 ? yes(open) : no();
  const own = valid.length > 0 ? yes(valid) : no();
  return { other, own, reach: reachOf(other, own), reachOfNobody: reachOf(other, other) };
}

/** Several policies add up: the groups of each, and the place of each. */
function yes(rules: readonly Rule[]): Decision {
  const groups = new Set(rules.flatMap((rule) => [...rule.groups]));
  return { permit: true, groups, because: rules.map((rule) => rule.because).join(' ') };
}

function reachOf(other: Decision, own: Decision): Reach {
  if (other.permit) return { kind: 'all', groups: other.groups, because: other.because };
  if (own.permit) return { kind: 'own', groups: own.groups, because: own.because };
  return { kind: 'none', because: other.because };
}

function faultOf(type: string, purpose: string): string | undefined {
  if (!purposesOfUse.has(purpose)) return 'the purpose is not a v3-PurposeOfUse code';
  if (!resourceTypes.has(type)) return 'the type is not a resource type of FHIR R4';
  return undefined;
}

function refusal(because: string): Verdict {
  const no = { permit: false, because } as const;
  const none = { kind: 'none', because } as const;
  return { other: no, own: no, reach: none, reachOfNobody: none };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
