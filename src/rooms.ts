import { join } from 'node:path';
import { type Access, openAccess } from '#access';
import { type Audit, openAudit, openCheckpointSigner } from '#audit';
import { type Identity, openIdentity, openSigningKeys } from '#identity';
import { localKeyProvider, openPhi, type Phi, proveKeyProvider } from '#phi';
import {
  openPackages,
  openRecords,
  type Records,
  type RecordsTold,
  readDefinition,
} from '#records';
import { openTerminology, type Terminology } from '#terminology';
import type { Config } from './config.ts';
import { prepareFolder } from './platform/folder.ts';
import type { Log } from './platform/log.ts';
import type { Database } from './platform/postgres/database.ts';
import { version } from './version.ts';

/** The contexts below the routes: what the server and a command that ends both stand on. */
export type Rooms = {
  access: Access;
  phi: Phi;
  audit: Audit;
  identity: Identity;
  terminology: Terminology;
  records: Records;
};

/** From the bottom up. Throws a plain sentence when keys and database do not belong together. */
export async function openRooms(
  config: Config,
  database: Database,
  log: Log,
  told: RecordsTold = {},
): Promise<Rooms> {
  const packages = openPackages(config.packages);
  // Awaited below: until then its refusal must not count as unhandled.
  packages.catch(() => undefined);
  const access = openAccess();
  if (config.keyring !== config.dataFolder) await prepareFolder(config.keyring);
  const provider = await localKeyProvider(config.keyring);
  await proveKeyProvider(database, provider);
  const phi = openPhi(database, provider);
  let identity: Identity | undefined;
  const audit = openAudit({
    ...{ database, phi, access, log },
    signer: await openCheckpointSigner(join(config.keyring, 'keys')),
    // Audit stands below identity, and its sequencer asks only once both are open.
    tenants: async () => identity?.tenants() ?? [],
  });
  identity = await openIdentity({
    database,
    phi,
    audit,
    access,
    log,
    keys: await openSigningKeys(config.keyring),
    accessTokenSeconds: config.accessTokenSeconds,
  });
  // Terminology stands below records, and is asked for stored definitions once both are open.
  const opened = (): Records['store'] => records.store;
  const terminology = openTerminology({
    ...{ database, log, access, audit },
    definitionsOf: (tenant) => opened().definitions.of(tenant),
    readDefinition: (caller, type, id) => readDefinition(opened(), caller, { type, id }),
  });
  const records: Records = openRecords({
    ...{ database, phi, access, audit, terminology, log, version, ...told },
    baseUrl: `${config.baseUrl}/fhir`,
    ...{ dataFolder: config.dataFolder, keyring: config.keyring },
    importHosts: config.importHosts.split(',').filter((host) => host !== ''),
    signedLinks: config.answerLinks === 'signed',
    identity,
    privateReceivers: config.mode !== 'production',
    packages: await packages,
  });
  return { access, phi, audit, identity, terminology, records };
}
