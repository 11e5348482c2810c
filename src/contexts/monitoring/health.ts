export type Condition = 'healthy' | 'degraded' | 'unhealthy';

/** One part's answer; the figures beside it hold no PHI and no tenant's name. */
export type Finding = { readonly status: Condition } & Readonly<Record<string, string | number>>;

/** How a part is asked; one that throws is unhealthy. */
export type Check = () => Promise<Finding>;

/** A part that has not answered by then counts as unhealthy. */
const PATIENCE_MS = 2_000;

/** Asks every part at once. Askers meanwhile share the answer, so probes cannot pile up. */
export function examiner(checks: Readonly<Record<string, Check>>): () => Promise<Examination> {
  let pending: Promise<Examination> | undefined;
  return () => {
    pending ??= examine(checks).finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

export type Examination = { status: Condition; checks: Record<string, Finding> };

async function examine(checks: Readonly<Record<string, Check>>): Promise<Examination> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await patiently(check)] as const),
  );
  return { status: worst(found.map(([, one]) => one.status)), checks: Object.fromEntries(found) };
}

function worst(conditions: readonly Condition[]): Condition {
  if (conditions.includes('unhealthy')) return 'unhealthy';
  return conditions.includes('degraded') ? 'degraded' : 'healthy';
}

async function patiently(check: Check): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    const finding: Finding = { status: 'unhealthy', because: `no answer in ${PATIENCE_MS} ms` };
    timer = setTimeout(resolve, PATIENCE_MS, finding);
  });
  const answer = check().catch((): Finding => ({ status: 'unhealthy', because: 'it failed' }));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
