import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openEgress } from './egress.ts';
import { isPrivateAddress } from './private-address.ts';

let server: Server;
let url: string;
const seen: { method: string; path: string; body: string }[] = [];

before(async () => {
  server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      seen.push({ method: request.method ?? '', path, body });
      if (path === '/moved') answer.writeHead(302, { location: '/elsewhere' }).end();
      else if (path === '/large') answer.end('x'.repeat(1_000_000));
      else if (path !== '/silent') answer.writeHead(202).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const post = (to: string) =>
  ({ method: 'POST', url: to, headers: { 'x-a': 'b' }, body: 'hello', timeoutMs: 300 }) as const;

test('a request goes out with its body, and its status comes back', async () => {
  const egress = openEgress(true);
  assert.deepEqual(await egress.send(post(`${url}/in`)), { answered: true, status: 202 });
  assert.deepEqual(seen.at(-1), { method: 'POST', path: '/in', body: 'hello' });
  await egress.close();
});

test('a redirect is an answer, not a way elsewhere', async () => {
  const egress = openEgress(true);
  assert.deepEqual(await egress.send(post(`${url}/moved`)), { answered: true, status: 302 });
  assert.ok(!seen.some(({ path }) => path === '/elsewhere'));
  await egress.close();
});

test('silence, refusal and unknown names are told apart, by codes without the address', async () => {
  const egress = openEgress(true);
  const problem = async (to: string) => {
    const sent = await egress.send(post(to));
    return sent.answered ? sent.status : sent.problem;
  };
  assert.equal(await problem(`${url}/silent`), 'timeout');
  assert.equal(await problem('http://127.0.0.1:9/'), 'refused');
  assert.equal(await problem('http://no-such-name.invalid/'), 'name-unknown');
  assert.notEqual(await problem(`${url}/large`), 'timeout');
  await egress.close();
});

test('private addresses are out of reach where they are not allowed, also by name', async () => {
  const egress = openEgress(false);
  const problem = async (to: string) => {
    const sent = await egress.send(post(to));
    return sent.answered ? sent.status : sent.problem;
  };
  const before = seen.length;
  assert.equal(await problem(url), 'not-https');
  assert.equal(await problem(url.replace('http:', 'https:')), 'private-address');
  assert.equal(await problem('https://[::1]:1/'), 'private-address');
  assert.equal(await problem('https://[::ffff:10.0.0.1]/'), 'private-address');
  assert.equal(await problem('https://2130706433/'), 'private-address');
  assert.equal(await problem('https://localhost:1/'), 'private-address');
  assert.equal(seen.length, before);
  await egress.close();
});

test('what is private', () => {
  for (const one of [
    '10.1.2.3',
    '172.31.0.1',
    '169.254.169.254',
    '::1',
    'fd00::1',
    '::ffff:7f00:1',
    'x',
  ]) {
    assert.equal(isPrivateAddress(one), true, one);
  }
  for (const one of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(isPrivateAddress(one), false, one);
  }
});
