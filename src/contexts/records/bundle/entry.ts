import { Problem, type ProblemIssue, refuse } from '../../../platform/problem.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { isResourceId } from '../../../standards/fhir/reference.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { type VersionTags, versionTags } from '../version-tag.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** One entry of a transaction or batch (FHIR R4 http.html#transaction). */
export type Entry = {
  readonly index: number;
  readonly method: (typeof methods)[number];
  /** Of the url, relative to the base. */
  readonly type: string;
  readonly id: string | undefined;
  readonly versionId: string | undefined;
  readonly query: string | undefined;
  readonly fullUrl: string | undefined;
  readonly ifMatch: VersionTags | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifNoneExist: string | undefined;
  /** Of a PATCH: the patch, as Parameters or as a Binary that holds a JSON Patch. */
  readonly resource: Resource | undefined;
};

/** It looks and changes nothing. */
export function isRead({ method }: Entry): boolean {
  return method === 'GET' || method === 'HEAD';
}

export type Written = {
  fullUrl?: string;
  resource?: Resource;
  request?: {
    method?: string;
    url?: string;
    ifMatch?: string;
    ifNoneMatch?: string;
    ifModifiedSince?: string;
    ifNoneExist?: string;
  };
};

/** Entries in a Bundle: 50 MB of resources of 1 KB, half a minute of work; each becomes rows. */
export const MOST_ENTRIES = 50_000;

export type BundleResource = Resource & { type?: string; entry?: Written[] };

/** Characters; a part of it is read before each reference of the entry, so the two multiply. */
const LONGEST_URL = 2048;

/** One entry read; throws a Problem whose issue names the entry. */
export function entryFrom(written: Written, index: number, baseUrl: string): Entry {
  const at = `Bundle.entry[${index}]`;
  const { request } = written;
  const method = methods.find((one) => one === request?.method);
  if (method === undefined) {
    return malformed(`${at}.request.method`, `The method is one of ${methods.join(', ')}.`);
  }
  if ((written.fullUrl?.length ?? 0) > LONGEST_URL) {
    return malformed(`${at}.fullUrl`, `A fullUrl has at most ${LONGEST_URL} characters.`);
  }
  const reads = method === 'GET' || method === 'HEAD';
  const { path, query } = splitUrl(request?.url ?? '', baseUrl);
  const [type = '', id, history, versionId, ...more] = path.split('/');
  const known = resourceTypes.has(type) && (id === undefined || isResourceId(id));
  const versioned = history === '_history' && reads;
  if (!known || more.length > 0 || (history !== undefined && !versioned)) {
    return malformed(`${at}.request.url`, 'The url is Type, Type/id or Type?parameters.');
  }
  const named = Number(id !== undefined) + Number(query !== undefined);
  if (!reads && named !== (method === 'POST' ? 0 : 1)) {
    return malformed(`${at}.request.url`, forms[method]);
  }
  if (!reads && method !== 'DELETE') requireResource(written, { method, type, at });
  return {
    ...{ index, method, type, id, versionId, query, fullUrl: written.fullUrl },
    ifMatch: versionTags(request?.ifMatch, `${at}.request.ifMatch`),
    ifNoneMatch: request?.ifNoneMatch,
    ifModifiedSince: request?.ifModifiedSince,
    ifNoneExist: request?.ifNoneExist,
    resource: written.resource,
  };
}

type Place = { method: Entry['method']; type: string; at: string };

function requireResource({ resource }: Written, { method, type, at }: Place): void {
  if (resource === undefined) malformed(`${at}.resource`, `A ${method} needs a resource.`);
  if (method === 'PATCH') {
    if (resource.resourceType === 'Parameters' || resource.resourceType === 'Binary') return;
    malformed(`${at}.resource`, 'A PATCH is Parameters, or a Binary that holds a JSON Patch.');
  }
  if (resource.resourceType !== type) {
    malformed(`${at}.resource`, 'The resource is not of the type in the url.');
  }
}

const forms = {
  POST: 'To create, the url is Type; criteria go into ifNoneExist.',
  PUT: 'To update, the url is Type/id, or Type?criteria.',
  PATCH: 'To patch, the url is Type/id, or Type?criteria.',
  DELETE: 'To delete, the url is Type/id, or Type?criteria.',
};

/** The path below the base, without a slash before it, and what follows the question mark. */
export function splitUrl(
  url: string,
  baseUrl: string,
): { path: string; query: string | undefined } {
  const relative = url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length + 1) : url;
  const at = relative.indexOf('?');
  const path = (at < 0 ? relative : relative.slice(0, at)).replace(/^\//, '');
  const query = at < 0 ? '' : relative.slice(at + 1);
  return { path, query: query === '' ? undefined : query };
}

function malformed(expression: string, text: string): never {
  return refuse(recordKinds.transaction, text, { issues: [issueAt(expression, 'invalid', text)] });
}

export function issueAt(expression: string, code: string, text: string): ProblemIssue {
  return { severity: 'error', code, expression, text };
}

/** The same Problem, its issues naming the entry it came from. */
export function inEntry(error: unknown, index: number): unknown {
  if (!(error instanceof Problem)) return error;
  if (error.issues.some((one) => one.expression?.startsWith('Bundle.entry['))) return error;
  const at = `Bundle.entry[${index}]`;
  const issues: ProblemIssue[] =
    error.issues.length === 0
      ? [issueAt(at, error.kind.issue, error.detail)]
      : error.issues.map((one) => ({ ...one, expression: nested(at, one.expression) }));
  const { kind, detail, headers } = error;
  return new Problem(kind, detail, { issues, headers, cause: error });
}

function nested(at: string, expression: string | undefined): string {
  if (expression?.startsWith(at) === true) return expression;
  const inner = expression?.replace(/^[A-Za-z]+\.?/, '');
  return inner === undefined || inner === '' ? `${at}.resource` : `${at}.resource.${inner}`;
}
