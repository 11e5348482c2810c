/**
 * Identity: tenants, accounts, clients, sessions and the tokens that prove them.
 * `openIdentity` opens it, `openSigningKeys` its keyring file.
 */
export { type Identity, type IdentityParts, openIdentity } from './identity.ts';
export { openSigningKeys, type SigningKeys } from './signing-keys.ts';
