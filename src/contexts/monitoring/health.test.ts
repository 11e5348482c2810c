import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examiner, type Finding } from './health.ts';

const healthy = async (): Promise<Finding> => ({ status: 'healthy' });

test('the whole is as well as its worst part', async () => {
  const degraded = async (): Promise<Finding> => ({ status: 'degraded', lag_seconds: 90 });
  const failing = () => Promise.reject(new Error('secret detail'));
  assert.equal((await examiner({ healthy })()).status, 'healthy');
  assert.equal((await examiner({ healthy, degraded })()).status, 'degraded');
  const found = await examiner({ healthy, degraded, failing })();
  assert.equal(found.status, 'unhealthy');
  assert.deepEqual(found.checks, {
    healthy: { status: 'healthy' },
    degraded: { status: 'degraded', lag_seconds: 90 },
    failing: { status: 'unhealthy', because: 'it failed' },
  });
});

test('a part that does not answer within two seconds is unhealthy', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const asked = examiner({ stuck: () => new Promise<Finding>(() => undefined) })();
  context.mock.timers.tick(2_000);
  const { checks } = await asked;
  assert.deepEqual(checks['stuck'], { status: 'unhealthy', because: 'no answer in 2000 ms' });
});

test('those who ask meanwhile share one examination', async () => {
  let asked = 0;
  const examine = examiner({
    part: async () => {
      asked += 1;
      return { status: 'healthy' };
    },
  });
  await Promise.all([examine(), examine(), examine()]);
  assert.equal(asked, 1);
  await examine();
  assert.equal(asked, 2);
});
