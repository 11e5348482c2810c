import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileAccess } from './access.ts';
import type { Access } from './decision.ts';
import { readPolicies } from './policy.ts';

export type { Access, Action, Decision, Reach } from './decision.ts';

/**
 * Compiles `policies/*.policy`, once at the start. Throws `file:line: what is wrong` when a policy
 * cannot be read: a program without its policies must not serve.
 */
export function openAccess(): Access {
  const folder = join(import.meta.dirname, 'policies');
  const names = readdirSync(folder).filter((name) => name.endsWith('.policy'));
  return compileAccess(
    readPolicies(
      names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') })),
    ),
  );
}
