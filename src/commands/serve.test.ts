import assert from 'node:assert/strict';
import { access, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { emptyFolder, program } from '../../test/program.ts';

let t: TestDatabase;
let folder = '';
before(async () => {
  [t, folder] = await Promise.all([testDatabase([]), emptyFolder()]);
});
after(async () => {
  await t.close();
  await rm(folder, { recursive: true, force: true });
});

/** The one line a refused start says. */
async function refusal(env: Record<string, string>): Promise<string> {
  const { code, out, err } = await program(['serve'], env).ended;
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /^medconnect: [^\n]+\n$/);
  return err.slice('medconnect: '.length, -1);
}

test('every wrong setting is told, and nothing is started or made', async () => {
  const nowhere = join(folder, 'nowhere');
  const env = {
    MEDCONNECT_DATA: nowhere,
    PORT: 'x',
    NODE_ENV: 'prod',
    MEDCONNECT_LOGLEVEL: 'info',
  };
  const { code, out, err } = await program(['serve'], env).ended;
  assert.deepEqual([code, out], [1, '']);
  for (const name of ['PORT', 'NODE_ENV', 'MEDCONNECT_LOG_LEVEL']) assert.match(err, RegExp(name));
  await assert.rejects(access(nowhere));
});

test('production does not start without keys apart from the data', async () => {
  const nowhere = join(folder, 'nowhere');
  const { code, err } = await program([], { NODE_ENV: 'production', MEDCONNECT_DATA: nowhere })
    .ended;
  assert.equal(code, 1);
  assert.match(err, /MEDCONNECT_KEYRING is needed in production/);
  await assert.rejects(access(nowhere));
});

test('a port in use is told before a database is made', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const data = join(folder, 'port');
  const told = await refusal({ MEDCONNECT_DATA: data, PORT: port });
  other.close();
  assert.equal(told, `Port ${port} is in use; set PORT.`);
  assert.deepEqual(await readdir(data), []);
});

test('a data folder that is a file is told', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const told = await refusal({ MEDCONNECT_DATA: file });
  assert.equal(told, `The data folder ${file} is of no use: it is a file. Set MEDCONNECT_DATA.`);
});

test('a database that is down is told in a line, without its password', async () => {
  const told = await refusal({
    MEDCONNECT_DATA: join(folder, 'down'),
    DATABASE_URL: 'postgresql://someone:hidden@127.0.0.1:1/nothing',
  });
  assert.match(told, /^The database is down: nothing listens at its address/);
  assert.doesNotMatch(told, /hidden/);
});

test('a database of a newer version is told and left alone', async () => {
  const client = new pg.Client({ connectionString: t.url });
  await client.connect();
  await client.query(
    "insert into platform.migration (context, name, sha256) values ('later', '0001-x.sql', '')",
  );
  const told = await refusal({ MEDCONNECT_DATA: join(folder, 'newer'), DATABASE_URL: t.url });
  await client.query("delete from platform.migration where context = 'later'");
  await client.end();
  assert.match(told, /^The database is of a newer MedConnect \(it has later\/0001-x\.sql\)/);
});

test('a killed server leaves nothing in the way of the next, and one folder has one server', async () => {
  const env = { MEDCONNECT_DATA: join(folder, 'killed') };
  const first = program(['serve'], env);
  await first.ready;
  assert.match(
    await refusal(env),
    RegExp(`^Another MedConnect \\(pid ${first.child.pid}\\) uses `),
  );
  first.child.kill('SIGKILL');
  await first.ended;
  const second = program(['serve'], env);
  const answer = await fetch(`${await second.ready}/health`);
  assert.equal(answer.status, 200);
  second.child.kill('SIGTERM');
  const { code, out } = await second.ended;
  assert.equal(code, 0);
  assert.equal(out.split('\n').length, 2, 'the demo accounts are told once');
  const left = await readdir(env.MEDCONNECT_DATA);
  assert.ok(!left.includes('server.pid') && !left.includes('run'), left.join());
});

test('a request in flight is answered before the server stops', async () => {
  const env = { MEDCONNECT_DATA: join(folder, 'flight'), DATABASE_URL: t.url };
  const server = program(['serve'], env);
  const { port } = new URL(await server.ready);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.on('close', () => resolve(text));
  });
  socket.write(
    'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      'Content-Length: 5\r\n\r\n{',
  );
  // Its beginning has arrived once an answer on another connection has.
  await fetch(`http://127.0.0.1:${port}/health`);
  server.child.kill('SIGTERM');
  await server.logged('"stopping"');
  socket.write('   }');
  assert.match(await answer, /^HTTP\/1\.1 4\d\d [\s\S]*connection: close/i);
  assert.equal((await server.ended).code, 0);
});
