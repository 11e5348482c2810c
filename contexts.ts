/**
 * Who may call whom: the architecture as a table, from top to bottom.
 * A context imports the doors (`#name`) it lists and no other; `types` lists doors of which it may
 * import types only. test/architecture.test.ts holds the code to it and refuses a cycle.
 * app.ts and main.ts alone know everyone.
 */
export type ContextCalls = {
  calls: readonly string[];
  types?: readonly string[];
  why: string;
};

export const contexts: Readonly<Record<string, ContextCalls>> = {
  monitoring: {
    calls: [],
    why: 'watches through what app.ts hands it, so a fault elsewhere cannot silence it',
  },
  records: {
    calls: ['access', 'audit', 'identity', 'phi', 'terminology'],
    why: 'asks who may see what, seals what it stores and audits it in the same transaction',
  },
  terminology: {
    calls: ['access', 'audit'],
    why: 'asks who may read definitions; those a tenant stored are handed in by app.ts',
  },
  access: {
    calls: [],
    types: ['identity'],
    why: 'decides on values it is given; of identity it knows what a principal looks like',
  },
  identity: {
    calls: ['audit', 'phi'],
    why: 'a login is an audited event, and personal fields of an account are sealed',
  },
  audit: {
    calls: ['phi'],
    why: "commits to a subject's personal fields under that subject's key",
  },
  phi: {
    calls: [],
    why: 'keys stand at the bottom: everyone may ask them, they ask no one',
  },
};
