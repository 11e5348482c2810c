import { Problem, refuse } from '../../../platform/problem.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../../standards/fhir/json.ts';
import { requireStructure, resourceFrom } from '../body.ts';
import { Breath } from '../breath.ts';
import { recordKinds } from '../problems.ts';
import { cutEntries } from './cut-entries.ts';
import { type BundleResource, issueAt, MOST_ENTRIES, type Written } from './entry.ts';

/** Below this a Bundle is parsed in one go, about 10 ms. */
const AT_ONCE = 1024 * 1024;

export type BundleRead = { readonly type: string | undefined; readonly entries: Written[] };

/**
 * The Bundle of a body, its own structure checked, what its entries hold not yet. A large one is
 * cut into its entries, which are parsed one by one so that others are answered meanwhile.
 */
export async function readBundle(body: Buffer | undefined): Promise<BundleRead> {
  const cut = body !== undefined && body.length > AT_ONCE ? await cutEntries(body) : undefined;
  if (body === undefined || cut === undefined) {
    const bundle = requireBundle(resourceFrom(body, false) as BundleResource);
    requireFew(bundle.entry?.length ?? 0);
    return { type: bundle.type, entries: bundle.entry ?? [] };
  }
  const bundle = requireBundle(resourceFrom(cut.head) as BundleResource);
  requireFew(cut.entries.length);
  const breath = new Breath();
  const entries: Written[] = [];
  for (const [index, { from, to }] of cut.entries.entries()) {
    entries.push(entryOf(body.subarray(from, to), index));
    if (breath.due()) await breath.take();
  }
  return { type: bundle.type, entries };
}

function requireBundle(bundle: BundleResource): BundleResource {
  if (bundle.resourceType === 'Bundle') return bundle;
  return refuse(
    recordKinds.mismatch,
    'The base takes a Bundle; post other types to their own path.',
  );
}

function requireFew(entries: number): void {
  if (entries <= MOST_ENTRIES) return;
  refuse(recordKinds.tooCostly, `A Bundle may have ${MOST_ENTRIES} entries; send several.`);
}

function entryOf(bytes: Buffer, index: number): Written {
  const at = `Bundle.entry[${index}]`;
  try {
    const entry = parseResourceJson(bytes, { maxCost: strangersCost }) as Written;
    requireStructure({ resourceType: 'Bundle', type: 'transaction', entry: [entry] }, false);
    return entry;
  } catch (error) {
    if (error instanceof JsonRefused) {
      const kind = error.code === 'too-much' ? recordKinds.tooCostly : recordKinds.notJson;
      const text = `Within the entry: ${error.message}`;
      return refuse(kind, text, { issues: [issueAt(at, 'structure', text)] });
    }
    throw renumbered(error, at);
  }
}

/** It was looked at alone, as the first of its Bundle. */
function renumbered(error: unknown, at: string): unknown {
  if (!(error instanceof Problem)) return error;
  const { kind, detail } = error;
  const issues = error.issues.map((issue) => ({
    ...issue,
    expression: issue.expression?.replace('Bundle.entry[0]', at) ?? at,
  }));
  return new Problem(kind, detail, { issues, cause: error });
}
