import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../../test/records.ts';
import type { Route } from '../../../platform/http/route.ts';
import type { Caller } from '../../../platform/principal.ts';
import { openAnswerFolder } from '../bulk/answer-folder.ts';
import { linkTo, openLink } from './link.ts';
import { jobRoutes } from './routes-job.ts';

let r: TestRecords;
let caller: Caller;
before(async () => {
  r = await testRecords();
  const tenant = await r.newTenant('link clinic');
  const id = '11111111-1111-4111-8111-111111111111';
  const principal = { tenant, kind: 'user', id, roles: ['doctor'], session: 's' } as const;
  caller = { principal, ip: '::1', agent: 'a', correlation: 'c', purpose: 'TREAT' };
});
after(() => r.close());

const from = { ip: '10.0.0.9', agent: 'fetcher', correlation: 'd' };
const at = (aheadMs: number) => ({
  ...{ database: r.t.database, phi: r.app.phi },
  now: () => new Date(Date.now() + aheadMs),
});

test('a link opens its file as its owner, from where it is called, for an hour', async () => {
  const link = await linkTo(at(0), { job: 'j', file: 'f', caller });
  const opened = await openLink(at(3_500_000), link, from);
  assert.deepEqual(opened, { job: 'j', file: 'f', caller: { ...caller, ...from } });
  assert.equal(await openLink(at(3_700_000), link, from), undefined);
});

test('a link that was changed, of another tenant or made up opens nothing', async () => {
  const link = await linkTo(at(0), { job: 'j', file: 'f', caller });
  const other = await r.newTenant('other link clinic');
  const [, sealed = ''] = link.split('.');
  const edited = `${sealed.slice(0, 40)}${sealed[40] === 'A' ? 'B' : 'A'}${sealed.slice(41)}`;
  const { tenant } = caller.principal;
  for (const one of [
    `${tenant}.${edited}`,
    `${other}.${sealed}`,
    `999.${sealed}`,
    'x',
    `${tenant}.`,
  ]) {
    assert.equal(await openLink(at(0), one, from), undefined, one.slice(0, 10));
  }
});

test('without the setting there is no such path, with it a false link is not found', async () => {
  const { store, jobs } = r.app.records;
  const folder = openAnswerFolder(r.folder);
  const path = '/fhir/_file';
  const of = (links: boolean): Route | undefined =>
    jobRoutes({ store, jobs, folder, links }).find((one) => one.path === path);
  assert.equal(of(false), undefined);
  const route = of(true);
  assert.equal(route?.open, true);
  const call = { ...from, params: {}, query: {}, body: undefined, headers: {} };
  const asked = { ...call, url: '/', pairs: [['link', '1.AAAA']] as const, caller: undefined };
  await assert.rejects(async () => route?.handle(asked), /RESOURCE_NOT_FOUND/);
});
