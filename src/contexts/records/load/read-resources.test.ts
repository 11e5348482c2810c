import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Batch, Source } from './batch.ts';
import { sourceText } from './batch.ts';
import type { ReadOptions } from './read-resources.ts';
import { readResources } from './read-resources.ts';

const folder = mkdtempSync(join(tmpdir(), 'medconnect-load-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const patient = (id: string) => `{"resourceType":"Patient","id":"${id}"}`;
const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `${patient(`p${from + index}`)}\n`).join('');
const bundle = JSON.stringify({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: { resourceType: 'Patient', id: 'inside' } }],
});

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function tarOf(members: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(members)) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' } as never);
    else archive.entry({ name }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function read(paths: string[], options?: ReadOptions): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of readResources(paths, options)) batches.push(batch);
  return batches;
}

/** What was read, as short lines: the id of a resource, `Bundle`, or the code of a refusal. */
function told(batches: readonly Batch[], root = folder): string[] {
  const place = (source: Source) => sourceText(source).slice(root.length + 1);
  return batches.flatMap((batch) => {
    if (batch.kind === 'resources') return batch.units.map((unit) => String(unit.resource['id']));
    if (batch.kind === 'bundle') return [`Bundle ${place(batch.unit.source)}`];
    if (batch.kind === 'refused') return [`${batch.refused.code} ${place(batch.source)}`];
    return batch.kind === 'ignored' ? [`ignored ${place(batch.source)}`] : [];
  });
}

test('NDJSON is read in batches, each resource with the line it stands on', async () => {
  const path = file('many.ndjson', lines(250));
  const batches = await read([path], { batchResources: 100 });
  const sizes = batches.map((batch) =>
    batch.kind === 'resources' ? batch.units.length : batch.kind,
  );
  assert.deepEqual(sizes, [100, 100, 50, 'end']);
  const [first] = batches;
  assert.ok(first?.kind === 'resources');
  assert.deepEqual(first.units[41]?.source, { file: path, line: 42 });
});

test('a single resource and a Bundle are one unit each, written in one line or in many', async () => {
  const pretty = JSON.stringify(JSON.parse(bundle), null, 2);
  const paths = [
    file('one/a.json', patient('alone')),
    file('one/b.json', pretty),
    file('one/c.json', `\ufeff${bundle}\r\n`),
    file('one/d.json', JSON.stringify(JSON.parse(patient('pretty')), null, '\t')),
  ];
  assert.deepEqual(told(await read(paths)), [
    'alone',
    'Bundle one/b.json',
    'Bundle one/c.json',
    'pretty',
  ]);
});

test('Bundles among the lines of an NDJSON file come alone and in their order', async () => {
  const path = file('mixed.ndjson', `${lines(2)}${bundle}\n${lines(1, 2)}`);
  assert.deepEqual(told(await read([path])), ['p0', 'p1', 'Bundle mixed.ndjson:3', 'p2']);
});

test('content decides over the name: NDJSON called .json is read line by line', async () => {
  const path = file('lines.json', lines(3));
  assert.deepEqual(told(await read([path])), ['p0', 'p1', 'p2']);
});

test('a byte order mark, CRLF, empty lines and a missing last newline change nothing', async () => {
  const text = `\ufeff${patient('a')}\r\n\r\n   \n${patient('b')}\r\n\n${patient('c')}`;
  const path = file('windows.ndjson', text);
  const batches = await read([path]);
  assert.deepEqual(told(batches), ['a', 'b', 'c']);
  const [first] = batches;
  assert.ok(first?.kind === 'resources');
  assert.deepEqual(
    first.units.map((unit) => unit.source.line),
    [1, 4, 6],
  );
});

test('folders are walked in the order of names; what is no data is told as ignored', async () => {
  file('tree/b/2.json', patient('b2'));
  file('tree/b/10.json', patient('b10'));
  file('tree/a.ndjson', lines(1));
  file('tree/README.md', 'about');
  file('tree/.hidden.json', 'never read');
  symlinkSync(join(folder, 'tree'), join(folder, 'tree/circle'));
  const read1 = told(await read([join(folder, 'tree')]));
  assert.deepEqual(read1, [
    'ignored tree/.hidden.json',
    'ignored tree/README.md',
    'p0',
    'b10',
    'b2',
    'ignored tree/circle',
  ]);
});

test('a file that is not there, or may not be read, is refused and the others are read', async () => {
  const paths = [join(folder, 'nowhere.json'), file('here.json', patient('here'))];
  assert.deepEqual(told(await read(paths)), ['not-found nowhere.json', 'here']);
});

test('gzip is read, also in several parts, also under a wrong name', async () => {
  const parts = Buffer.concat([gzipSync(lines(2)), gzipSync(lines(2, 2))]);
  const paths = [file('parts.ndjson.gz', parts), file('misnamed.json', gzipSync(patient('x')))];
  assert.deepEqual(told(await read(paths)), ['p0', 'p1', 'p2', 'p3', 'x']);
});

test('truncated gzip gives what was whole and a refusal, and reading goes on', async () => {
  const whole = gzipSync(lines(5000));
  const paths = [
    file('cut.ndjson.gz', whole.subarray(0, whole.length - 40)),
    file('next.json', patient('next')),
  ];
  const said = told(await read(paths));
  assert.equal(said.at(-1), 'next');
  assert.equal(said.at(-2), 'damaged cut.ndjson.gz');
  assert.ok(said.length > 100 && said.length < 5002);
});

test('damaged gzip is refused', async () => {
  const bytes = gzipSync(lines(2000));
  bytes.fill(0xff, 40, 120);
  const said = told(await read([file('damaged.ndjson.gz', bytes)]));
  assert.equal(said.at(-1), 'damaged damaged.ndjson.gz');
});

test('tar and tar.gz are read member by member, compressed members too', async () => {
  const members = {
    'data/': '',
    'data/one.json': patient('one'),
    'data/NOTICE': 'about',
    'data/empty.ndjson': '',
    'data/two.ndjson.gz': gzipSync(lines(2)),
    'data/bundle.json': bundle,
  };
  const paths = [
    file('plain.tar', await tarOf(members)),
    file('packed.tgz', gzipSync(await tarOf(members))),
  ];
  const expected = (name: string) => [
    'one',
    `ignored ${name}!data/NOTICE`,
    'p0',
    'p1',
    `Bundle ${name}!data/bundle.json`,
  ];
  assert.deepEqual(told(await read(paths)), [...expected('plain.tar'), ...expected('packed.tgz')]);
});

test('a fault in one member of an archive leaves the others readable', async () => {
  const cut = gzipSync(lines(3000));
  const path = file(
    'faults.tar',
    await tarOf({
      'a.json': '{"resourceType":"Patient"',
      'b.ndjson.gz': cut.subarray(0, 60),
      'c.json': patient('c'),
    }),
  );
  const said = told(await read([path]));
  assert.deepEqual(
    said.filter((one) => !/^p\d+$/.test(one)),
    ['not-json faults.tar!a.json', 'damaged faults.tar!b.ndjson.gz', 'c'],
  );
});

test('a truncated tar gives its whole members and a refusal', async () => {
  const whole = await tarOf({ 'a.json': patient('a'), 'b.ndjson': lines(400) });
  const said = told(await read([file('cut.tar', whole.subarray(0, 4000))]));
  assert.equal(said[0], 'a');
  assert.ok(said.includes('damaged cut.tar'));
});

const compressor = 'xz';
const xz = (() => {
  try {
    return execFileSync(compressor, ['--version']).length > 0;
  } catch {
    return false;
  }
})();
const xzAbsent = xz ? false : 'the xz command is absent: xz files are not made, so not read';
const packed = (content: string | Buffer, ...options: string[]) =>
  execFileSync(compressor, ['-c', ...options], { input: content, maxBuffer: 2 ** 28 });

test('xz and tar.xz are read, with every check xz can write', { skip: xzAbsent }, async () => {
  const checks = ['none', 'crc32', 'crc64'];
  const paths = checks.map((check) =>
    file(`${check}.ndjson.xz`, packed(lines(2), `--check=${check}`)),
  );
  paths.push(
    file('many.tar.xz', packed(await tarOf({ 'a.json': patient('a'), 'b.json': bundle }))),
  );
  paths.push(file('large.ndjson.xz', packed(lines(30_000), '-9')));
  const said = told(await read(paths));
  assert.deepEqual(said.slice(0, 8), [
    'p0',
    'p1',
    'p0',
    'p1',
    'p0',
    'p1',
    'a',
    'Bundle many.tar.xz!b.json',
  ]);
  assert.equal(said.length, 8 + 30_000);
});

test('truncated xz, xz in xz and several streams are refused', { skip: xzAbsent }, async () => {
  const whole = packed(lines(20_000));
  const nested = packed(await tarOf({ 'a.ndjson.xz': packed(lines(1)), 'b.json': patient('b') }));
  const paths = [
    file('cut.ndjson.xz', whole.subarray(0, whole.length >> 1)),
    file('nested.tar.xz', nested),
    file('twice.ndjson.xz', Buffer.concat([packed(lines(1)), packed(lines(1))])),
    file('sha.ndjson.xz', packed(lines(1), '--check=sha256')),
    file('after.ndjson.xz', packed(patient('after'))),
  ];
  const said = told(await read(paths)).filter((one) => !/^p\d+$/.test(one));
  assert.deepEqual(said, [
    'damaged cut.ndjson.xz',
    'nested nested.tar.xz!a.ndjson.xz',
    'b',
    'unsupported twice.ndjson.xz',
    'unsupported sha.ndjson.xz',
    'after',
  ]);
});

test('each broken line is refused by its number and no refusal quotes what it is about', async () => {
  const secret = 'Canary4711';
  const text = Buffer.concat([
    Buffer.from(`${patient('a')}\n{"resourceType":"Patient","name":"${secret}\n`),
    Buffer.from(`{"resourceType":"Patient","id":"`),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(`${secret}"}\n["${secret}"]\n{"name":"${secret}"}\n"${secret}"\n`),
    Buffer.from(`${'['.repeat(5000)}${secret}\n{"id":"${secret}","id":1}\n${patient('z')}\n`),
  ]);
  const batches = await read([file('broken.ndjson', text)]);
  assert.deepEqual(told(batches), [
    'a',
    'not-json broken.ndjson:2',
    'not-utf8 broken.ndjson:3',
    'not-an-object broken.ndjson:4',
    'not-a-resource broken.ndjson:5',
    'not-an-object broken.ndjson:6',
    'too-deep broken.ndjson:7',
    'duplicate-key broken.ndjson:8',
    'z',
  ]);
  assert.ok(!JSON.stringify(batches).includes(secret));
});

test('a line and a document over their limits are refused without being kept', async () => {
  const limits = { lineBytes: 200, documentBytes: 400 };
  const long = `{"resourceType":"Patient","id":"${'x'.repeat(500)}"}`;
  const paths = [
    file('huge.ndjson', `${patient('a')}\n${long}\n${patient('b')}\n${long}`),
    file('huge.json', JSON.stringify(JSON.parse(long), null, 2)),
    file('huge-line.json', long),
    file('huge.tar', await tarOf({ 'a.json': long, 'b.json': patient('c') })),
  ];
  assert.deepEqual(told(await read(paths, { limits })), [
    'a',
    'too-large huge.ndjson:2',
    'b',
    'too-large huge.ndjson:4',
    'too-large huge.json',
    'too-large huge-line.json',
    'too-large huge.tar!a.json',
    'c',
  ]);
});

test('a line of 120 MB passes by without being held in memory', async () => {
  const block = Buffer.alloc(1024 * 1024, 'x');
  const blocks = Array.from({ length: 120 }, () => gzipSync(block));
  const path = file('line.ndjson.gz', Buffer.concat([...blocks, gzipSync(`\n${lines(1)}`)]));
  const limits = { lineBytes: 1024 * 1024, documentBytes: 1024 * 1024 };
  const before = process.memoryUsage.rss();
  const batches = await read([path], { limits });
  assert.deepEqual(told(batches), ['too-large line.ndjson.gz:1', 'p0']);
  assert.ok(process.memoryUsage.rss() - before < 60 * 1024 * 1024);
});

test('what is neither JSON nor a known archive is refused, an archive in an archive in … too', async () => {
  let onion: Buffer = Buffer.from(patient('core'));
  for (let skin = 0; skin < 9; skin += 1) onion = gzipSync(onion);
  const paths = [
    file('text.json', 'Dear doctor'),
    file('nothing.json', ''),
    file('nothing.ndjson', ''),
    file('zip.json', Buffer.from('PK\x03\x04zip')),
    file('onion.gz', onion),
  ];
  assert.deepEqual(told(await read(paths)), [
    'not-json text.json',
    'empty nothing.json',
    'unsupported zip.json',
    'nested onion.gz',
  ]);
});

test('reading resumes behind any batch, and nothing is read twice or lost', async () => {
  const text = `${lines(7)}broken\n${bundle}\n${lines(6, 7)}`;
  const path = file('resume.ndjson', text);
  const all = await read([path], { batchResources: 3 });
  for (const [index, batch] of all.entries()) {
    const { key, ordinal } = batch.position;
    const done = new Map([[key, batch.kind === 'end' ? Number.POSITIVE_INFINITY : ordinal]]);
    const left = await read([path], { batchResources: 3, done });
    assert.deepEqual(told(left), told(all.slice(index + 1)), `after batch ${index}`);
    assert.deepEqual(left.at(-1)?.bytesRead, text.length);
  }
});

test('resuming works inside archives, and a changed file starts anew', async () => {
  const members = { 'a.ndjson': lines(3), NOTICE: 'x', 'b.json': bundle, 'c.ndjson': lines(3, 3) };
  const path = file('resume.tar', await tarOf(members));
  const all = await read([path]);
  const found = all.find((batch) => batch.kind === 'bundle');
  assert.ok(found);
  const done = new Map([[found.position.key, found.position.ordinal]]);
  assert.deepEqual(told(await read([path], { done })), ['p3', 'p4', 'p5']);
  writeFileSync(path, await tarOf({ ...members, 'd.json': patient('new') }));
  assert.equal(told(await read([path], { done })).length, told(all).length + 1);
});

test('keys tell nothing of the file and are the same in every run', async () => {
  const path = file('Jane_Roe_1970.json', patient('jane'));
  const [first] = await read([path]);
  const [again] = await read([path]);
  assert.match(first?.position.key ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(first?.position, again?.position);
});

test('progress counts compressed bytes over all files, never back', async () => {
  const contents = [gzipSync(lines(4000)), gzipSync(lines(300)), Buffer.from(lines(900))];
  const paths = contents.map((content, index) => file(`progress-${index}.ndjson.gz`, content));
  const batches = await read(paths);
  const total = contents.reduce((sum, content) => sum + content.length, 0);
  let before = 0;
  for (const { bytesRead, bytesTotal } of batches) {
    assert.equal(bytesTotal, total);
    assert.ok(bytesRead >= before && bytesRead <= total);
    before = bytesRead;
  }
  assert.equal(before, total);
});

test('a reader that stops early lets go of its files', { skip: xzAbsent }, async () => {
  const paths = [
    file('stop.tar.xz', packed(await tarOf({ 'a.ndjson': lines(9000), 'b.ndjson': lines(9000) }))),
    file('stop.ndjson.gz', gzipSync(lines(9000))),
  ];
  for (let round = 0; round < 5; round += 1) {
    for (const path of paths) for await (const _ of readResources([path])) break;
  }
  // The xz decompressor runs one stream at a time: had one been kept, this would wait for ever.
  assert.equal(told(await read(paths)).length, 27_000);
});
