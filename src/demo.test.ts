import assert from 'node:assert/strict';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../test/database.ts';
import { emptyFolder } from '../test/program.ts';
import { type Config, readConfig } from './config.ts';
import { type LoadDemo, makeDemo } from './demo.ts';
import { openLog } from './platform/log.ts';
import { openRooms, type Rooms } from './rooms.ts';
import { migrationFolders } from './store.ts';

type Place = { t: TestDatabase; folder: string; config: Config; rooms: Rooms };
const places: Place[] = [];

async function place(): Promise<Place> {
  const folder = await emptyFolder();
  const t = await testDatabase(await migrationFolders());
  const read = readConfig({ MEDCONNECT_DATA: folder });
  assert.ok('config' in read);
  const rooms = await openRooms(read.config, t.database, openLog('silent'));
  const made = { t, folder, config: read.config, rooms };
  places.push(made);
  return made;
}

let first: Place;
before(async () => {
  first = await place();
});
after(async () => {
  for (const { t, folder } of places) {
    await t.close();
    await rm(folder, { recursive: true, force: true });
  }
});

const say = () => undefined;
const loadDemo: LoadDemo = async () => ({ patient: 'demo-patient' });

test('a demo killed half way is finished by the next start with the same secrets', async () => {
  const { config, folder, rooms } = first;
  const { identity } = rooms;
  const killed: LoadDemo = () => Promise.reject(new Error('killed'));
  await assert.rejects(makeDemo({ config, identity, say, loadDemo: killed }), /killed/);
  const file = join(folder, 'demo-secrets.json');
  const before = JSON.parse(await readFile(file, 'utf8'));
  const told = await makeDemo({ config, identity, say, loadDemo });
  assert.ok(told?.includes(before.password) && told.includes(before.client_secret));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal(await makeDemo({ config, identity, say, loadDemo }), undefined, 'told once');
});

test('a store with a tenant of its own gets no demo', async () => {
  const { config, rooms } = await place();
  await rooms.identity.createTenant('clinic');
  assert.equal(await makeDemo({ config, identity: rooms.identity, say, loadDemo }), undefined);
  assert.equal(await rooms.identity.findTenant('demo'), undefined);
});
