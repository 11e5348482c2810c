import type { Caller } from '../../../platform/principal.ts';
import { Problem, refuse } from '../../../platform/problem.ts';
import { answerCodes, type Coded } from '../../../standards/fhir/search/answer-codes.ts';
import type { ResolvedClause, ValueSetTest } from '../../../standards/fhir/search/opened-clause.ts';
import type { SearchRegistry } from '../../../standards/fhir/search/registry.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { isOwn } from '../allow.ts';
import { selfName } from '../blind-name.ts';
import { livingKeys } from '../living-key.ts';
import { recordKinds } from '../problems.ts';
import { openResource } from '../render.ts';
import type { Store } from '../store.ts';
import { currentBySelf } from '../stored.ts';
import { narrower } from './budget.ts';

type Asked = { readonly store: Store; readonly caller: Caller };

/** Codes one clause may stand for: each is looked up in the index. */
const MOST_CODES = 5_000;

/** `:in`, `:not-in`, `:above` and `:below` as the codes they mean, by the tenant's terminology. */
export async function withCodes(
  asked: Asked,
  query: SearchQuery,
  registry: SearchRegistry,
): Promise<SearchQuery> {
  const resolved = async (type: string, clauses: readonly Clause[]): Promise<Clause[]> => {
    const found: Clause[] = [];
    for (const clause of clauses) found.push(await one(type, clause));
    return found;
  };
  const one = async (type: string, clause: Clause): Promise<Clause> => {
    switch (clause.on) {
      case 'value-set':
      case 'subsumption':
        return answerCodes(type, clause, await codesOf(asked, clause), registry);
      case 'and':
      case 'or':
        return { ...clause, clauses: await resolved(type, clause.clauses) };
      case 'not':
        return { ...clause, clause: await one(type, clause.clause) };
      case 'unequal':
        return { ...clause, than: await one(type, clause.than) };
      case 'all-of-one':
        return {
          ...clause,
          values: await Promise.all(clause.values.map((v) => resolved(type, v))),
        };
      case 'chain': {
        const alternatives: { target: string; then: Clause }[] = [];
        for (const { target, then: end } of clause.alternatives) {
          const then = await one(target, end);
          // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
          alternatives.push({ target, then });
        }
        return { ...clause, alternatives };
      }
      case 'has': {
        const then = await one(clause.source, clause.then);
        // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
        return { ...clause, then };
      }
      default:
        return clause;
    }
  };
  const where = await resolved(query.type, query.where);
  if (query.types === undefined) return { ...query, where };
  const types: { type: string; where: Clause[] }[] = [];
  for (const part of query.types) {
    types.push({ type: part.type, where: await resolved(part.type, part.where) });
  }
  return { ...query, where, types };
}

async function codesOf(asked: Asked, clause: ResolvedClause): Promise<Coded[]> {
  const { terminology } = asked.store;
  const { tenant } = asked.caller.principal;
  const codes: Coded[] = [];
  try {
    if (clause.on === 'value-set') {
      for (const test of clause.values) {
        const url = await canonicalOf(asked, clause.name, test);
        codes.push(...(await terminology.codesIn(tenant, url, MOST_CODES)));
      }
    } else {
      for (const { system, code } of clause.values) {
        if (system === undefined || code === undefined) {
          return refuseAt(clause.name, 'value', `${clause.name} takes system|code.`);
        }
        const around =
          clause.direction === 'below'
            ? await terminology.descendants(tenant, { system, code }, MOST_CODES)
            : await terminology.ancestors(tenant, { system, code }, MOST_CODES);
        codes.push(...around.map((each) => ({ system, code: each })));
      }
    }
  } catch (error) {
    if (error instanceof Problem && error.kind.status === 404) {
      return refuseAt(clause.name, 'not-found', error.detail);
    }
    throw error;
  }
  if (codes.length <= MOST_CODES) return codes;
  const text = `${clause.name} means more than ${MOST_CODES} codes. ${narrower}`;
  return refuseAt(clause.name, 'too-costly', text);
}

/** `ValueSet/id` is one the caller may read; its url is what the terminology knows it by. */
async function canonicalOf(
  { store, caller }: Asked,
  name: string,
  test: ValueSetTest,
): Promise<string> {
  if ('canonical' in test) return test.canonical;
  const { principal, purpose } = caller;
  const hash = await store.phi.hasher(principal.tenant);
  const self = selfName(hash, 'ValueSet', test.id);
  const url = await store.database.transaction(principal.tenant, async (tx) => {
    const stored = (await currentBySelf(tx, [self])).get(self);
    if (stored === undefined || stored.deleted) return undefined;
    const own = await isOwn(store, caller, stored.subject);
    if (!store.access.decide(principal, 'read', 'ValueSet', own, purpose).permit) return undefined;
    const key = (await livingKeys(store, tx, [stored.subject]))(stored.subject);
    return key === undefined ? undefined : openResource(key, stored)['url'];
  });
  return typeof url === 'string' ? url : refuseAt(name, 'not-found', 'There is no such ValueSet.');
}

function refuseAt(name: string, code: string, text: string): never {
  const issues = [{ severity: 'error' as const, code, expression: name, text }];
  return refuse(recordKinds.searchRefused, 'The search cannot be answered as asked.', { issues });
}
