import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Asker, type TestRecords, testRecords } from '../../../../test/records.ts';
import { openLog } from '../../../platform/log.ts';
import type { StructureDefinition } from '../../../standards/fhir/snapshot/element-definition.ts';
import { openDefinitions } from './definitions.ts';
import { noPackages, openPackages } from './package-set.ts';
import { supportedProfiles } from './supported-profile.ts';

let t: TestRecords;
let tenant: number;
let admin: Asker;
let folder: string;
before(async () => {
  t = await testRecords();
  tenant = await t.newTenant('Guides');
  admin = await t.asker(tenant, 'admin');
  folder = await mkdtemp(join(tmpdir(), 'packages-'));
});
after(async () => {
  await t.close();
  await rm(folder, { recursive: true, force: true });
});

const canonical = 'http://guides.example/StructureDefinition/patient-with-name';

function profile(min = 1, more: object = {}): object {
  return {
    ...{ resourceType: 'StructureDefinition', url: canonical, name: 'PatientWithName' },
    ...{ status: 'active', kind: 'resource', abstract: false, type: 'Patient' },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min }] },
    ...more,
  };
}

function leastNames(sd: unknown): number | undefined {
  const { snapshot } = sd as StructureDefinition;
  return snapshot?.element.find(({ id }) => id === 'Patient.name')?.min;
}

const find = async (of = tenant) =>
  (await t.app.records.store.definitions.of(of)).find('StructureDefinition', canonical);

test("R4's own definitions are everyone's, and nobody defines them anew", async () => {
  const base = 'http://hl7.org/fhir/StructureDefinition/Patient';
  const own = await admin.post('/fhir/StructureDefinition', profile(7, { url: base }));
  assert.equal(own.status, 201, own.text);
  const source = await t.app.records.store.definitions.of(tenant);
  assert.equal(leastNames(source.find('StructureDefinition', base)), 0);
  assert.ok(source.find('ValueSet', 'http://hl7.org/fhir/ValueSet/administrative-gender'));
  assert.equal(source.find('ValueSet', 'http://guides.example/ValueSet/none'), undefined);
});

test('what a tenant stores, changes and deletes counts at once, with a snapshot', async () => {
  assert.equal(await find(), undefined);
  const made = await admin.post('/fhir/StructureDefinition', profile());
  assert.equal(made.status, 201, made.text);
  assert.equal(leastNames(await find()), 1);
  const { id } = made.body;
  const changed = await admin.put(`/fhir/StructureDefinition/${id}`, profile(2, { id }));
  assert.equal(changed.status, 200, changed.text);
  assert.equal(leastNames(await find()), 2);
  const other = await t.newTenant('Others');
  assert.equal(await find(other), undefined, 'another tenant has none of it');
  assert.equal((await admin.remove(`/fhir/StructureDefinition/${id}`)).status, 204);
  assert.equal(await find(), undefined);
});

test('the same object answers as long as nothing changed', async () => {
  const { definitions } = t.app.records.store;
  assert.equal(await definitions.of(tenant), await definitions.of(tenant));
});

test('what another process stores counts within a second', async () => {
  const { database, phi } = t.app.records.store;
  const elsewhere = { database, phi, log: openLog('silent'), packages: noPackages };
  const there = openDefinitions(elsewhere);
  const seen = async () => (await there.of(tenant)).find('StructureDefinition', canonical);
  assert.equal(await seen(), undefined);
  const { body } = await admin.post('/fhir/StructureDefinition', profile());
  const start = performance.now();
  while ((await seen()) === undefined) {
    assert.ok(performance.now() - start < 2_000, 'not seen after two seconds');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await admin.remove(`/fhir/StructureDefinition/${body.id}`);
});

test('a profile whose base is missing says so, and is there once the base is', async () => {
  const baseDefinition = 'http://guides.example/StructureDefinition/later';
  await admin.post('/fhir/StructureDefinition', profile(1, { baseDefinition }));
  assert.equal(await find(), undefined);
  const source = await t.app.records.store.definitions.of(tenant);
  assert.match(source.fault(canonical) ?? '', /is based on .*later, which is not known here/);
  await admin.post('/fhir/StructureDefinition', profile(0, { url: baseDefinition }));
  assert.equal(leastNames(await find()), 1);
});

test('profiles that are each other’s base are at fault and stop nothing', async () => {
  const url = (name: string) => `http://guides.example/StructureDefinition/${name}`;
  for (const [name, other] of [
    ['hen', 'egg'],
    ['egg', 'hen'],
  ] as const) {
    const more = { url: url(name), baseDefinition: url(other) };
    await admin.post('/fhir/StructureDefinition', profile(1, more));
  }
  const source = await t.app.records.store.definitions.of(tenant);
  assert.equal(source.find('StructureDefinition', url('hen')), undefined);
  assert.match(source.fault(url('egg')) ?? '', /base of itself/);
});

test('stored search parameters are told, the newest of each url', async () => {
  const parameter = (version: string) => ({
    ...{ resourceType: 'SearchParameter', url: 'http://guides.example/SearchParameter/nick' },
    ...{ name: 'nick', status: 'active', description: 'Nickname', code: 'nick', version },
    ...{ base: ['Patient'], type: 'string', expression: 'Patient.name.text' },
  });
  for (const version of ['1.2.0', '1.10.0']) {
    const made = await admin.post('/fhir/SearchParameter', parameter(version));
    assert.equal(made.status, 201, made.text);
  }
  const told = await t.app.records.store.definitions.searchParameters(tenant);
  assert.deepEqual(
    told.map((one) => one['version']),
    ['1.10.0'],
  );
});

const manifest = { name: 'guides.example', version: '1.0.0', fhirVersions: ['4.0.1'] };

async function unpacked(name: string, files: Record<string, object | string>): Promise<string> {
  const inner = join(folder, name, 'package');
  await mkdir(inner, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(inner, file), text);
  }
  return join(folder, name);
}

async function archive(name: string, files: Record<string, object>): Promise<string> {
  const tar = pack();
  for (const [file, content] of Object.entries(files)) {
    tar.entry({ name: `package/${file}` }, JSON.stringify(content));
  }
  tar.finalize();
  const path = join(folder, name);
  const chunks: Buffer[] = [];
  for await (const chunk of tar.pipe(createGzip())) chunks.push(Buffer.from(chunk));
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

test('a package is a folder with or without an index, or an archive', async () => {
  const files = { 'package.json': manifest, 'a.json': profile(3) };
  const entry = { filename: 'a.json', resourceType: 'StructureDefinition', url: canonical };
  const index = { 'index-version': 1, files: [entry] };
  const paths = [
    await unpacked('plain', files),
    await unpacked('indexed', { ...files, '.index.json': index }),
    await archive('packed.tgz', files),
  ];
  for (const path of paths) {
    const packages = await openPackages(` ${path},`);
    assert.deepEqual(packages.names, ['guides.example 1.0.0']);
    const parts = { ...t.app.records.store, packages };
    const source = await openDefinitions(parts).of(await t.newTenant(path));
    assert.equal(leastNames(source.find('StructureDefinition', canonical)), 3, path);
    assert.deepEqual([...supportedProfiles(packages)], [['Patient', [canonical]]]);
  }
});

test('a package that is missing, broken or for another FHIR is refused in one line', async () => {
  const broken = join(folder, 'broken.tgz');
  await writeFile(broken, 'no archive');
  const r5 = { ...manifest, fhirVersions: ['5.0.0'] };
  const cases: [string, RegExp][] = [
    [join(folder, 'nowhere'), /is not there/],
    [broken, /cannot be used/],
    [await unpacked('r5', { 'package.json': r5 }), /not for FHIR R4/],
    [await unpacked('bad', { 'package.json': manifest, 'a.json': '{' }), /its a.json is not JSON/],
    [await archive('empty.tgz', { 'other.json': {} }), /no package\/package.json/],
  ];
  for (const [path, says] of cases) {
    await assert.rejects(openPackages(path), (error: Error) => {
      assert.equal(error.name, 'Halt');
      assert.match(error.message, says);
      return !error.message.includes('\n');
    });
  }
});
