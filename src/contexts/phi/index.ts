export type { Hasher } from './blind-hash.ts';
export type { SubjectKey } from './data-key.ts';
export { type KeyProvider, proveKeyProvider } from './key-provider.ts';
export { localKeyProvider } from './local-key-provider.ts';
export { openPhi, type Phi } from './phi.ts';
export { shortLivedKey } from './short-lived-key.ts';
export type { SubjectKeys } from './subject-keys.ts';
