import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { buildServer } from '../../platform/http/server.ts';
import { openLog } from '../../platform/log.ts';
import { openMetrics } from '../../platform/metrics.ts';
import type { Principal } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { xmlOfResources } from '../../standards/fhir/xml/resource-xml.ts';
import type { Condition } from './health.ts';
import { openMonitoring } from './index.ts';

/** A server of this context's routes alone; the token `staff` may read metrics, `nurse` may not. */
function serve(database: Condition = 'healthy', metricsAccess: 'open' | 'authenticated' = 'open') {
  const monitoring = openMonitoring({
    version: '1.2.3',
    dataFolder: tmpdir(),
    metrics: openMetrics(),
    metricsAccess,
    checks: { database: async () => ({ status: database }) },
    permits: ({ roles }, permission) => roles.includes('staff') && permission === 'metrics.read',
    routes: [],
  });
  return buildServer({
    routes: monitoring.routes,
    log: openLog('silent'),
    answered: monitoring.answered,
    bodyLimit: 1_048_576,
    xml: xmlOfResources,
    authenticate: async (authorization): Promise<Principal> => {
      const role = authorization?.slice('Bearer '.length);
      if (role === undefined) refuse(kinds.authenticationRequired, 'Log in first.');
      return { tenant: 1, kind: 'user', id: 'x', roles: [role], session: 's' };
    },
  });
}

const bearer = (role: string) => ({ authorization: `Bearer ${role}` });

test('health answers 200 while requests are answered, and 503 when the database is not', async () => {
  for (const [condition, status] of [
    ['healthy', 200],
    ['degraded', 200],
    ['unhealthy', 503],
  ] as const) {
    const server = serve(condition);
    for (const url of ['/health', '/api/v1/health', '/api/v1/health/readiness']) {
      const answer = await server.inject(url);
      assert.equal(answer.statusCode, status);
      const { service, version, checks } = answer.json();
      assert.deepEqual([service, version], ['medconnect', '1.2.3']);
      assert.deepEqual(checks, { database: { status: condition } });
    }
    assert.equal((await server.inject('/api/v1/health/liveness')).statusCode, 200);
  }
});

test('details are for those who may read metrics', async () => {
  const url = '/api/v1/health/detailed';
  const server = serve();
  assert.equal((await server.inject(url)).statusCode, 401);
  assert.equal((await server.inject({ url, headers: bearer('nurse') })).statusCode, 403);
  const answer = await server.inject({ url, headers: bearer('staff') });
  const { system, components } = answer.json();
  assert.deepEqual(components, { database: { status: 'healthy' } });
  for (const name of ['cpu_percent', 'memory_percent', 'disk_percent', 'uptime_seconds']) {
    assert.equal(typeof system[name], 'number', name);
  }
});

test('metrics count by pattern, and show nothing of what a URL held', async () => {
  const server = serve();
  await server.inject('/docs/swagger-ui.css');
  await server.inject('/nowhere/Canary-Smith?name=canary');
  const { body, headers } = await server.inject('/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(body, /http_requests_total\{route="\/docs\/:file",method="GET",status="200"\} 1/);
  assert.match(body, /http_requests_total\{route="none",method="GET",status="404"\} 1/);
  assert.doesNotMatch(body, /canary/i);
});

test('metrics can be kept for those who may read them', async () => {
  const server = serve('healthy', 'authenticated');
  assert.equal((await server.inject('/metrics')).statusCode, 401);
  const refused = await server.inject({ url: '/metrics', headers: bearer('nurse') });
  assert.equal(refused.statusCode, 403);
  const answer = await server.inject({ url: '/metrics', headers: bearer('staff') });
  assert.equal(answer.statusCode, 200);
});

test('the documents come whole from this server, with and without a slash', async () => {
  const server = serve();
  for (const url of ['/docs', '/docs/']) {
    const page = await server.inject(url);
    assert.equal(page.statusCode, 200);
    assert.match(String(page.headers['content-type']), /^text\/html/);
    const files = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file = '']) => file);
    assert.ok(files.length >= 4);
    for (const file of files) {
      assert.match(file, /^\/[^/]/, 'nothing from elsewhere');
      assert.equal((await server.inject(file)).statusCode, 200, file);
    }
  }
  const policy = String((await server.inject('/docs')).headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(policy, /https?:|script-src[^;]*unsafe/);
  const script = await server.inject('/docs/initializer.js');
  assert.match(String(script.headers['content-type']), /^text\/javascript/);
  for (const name of ['package.json', '..%2Fpackage.json', 'constructor']) {
    assert.equal((await server.inject(`/docs/${name}`)).statusCode, 404, name);
  }
});

test('every path these routes answer is in the OpenAPI document', async () => {
  const server = serve();
  const { paths } = (await server.inject('/openapi.json')).json();
  for (const path of ['/health', '/metrics', '/docs/{file}', '/', '/openapi.json']) {
    assert.ok(paths[path], path);
  }
});

test('the first page needs no script and no file, and its style is the one its policy allows', async () => {
  const { body, headers } = await serve().inject('/');
  const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  assert.ok(String(headers['content-security-policy']).includes(`'sha256-${hash}'`));
  assert.doesNotMatch(body, /<script|https?:/);
});
