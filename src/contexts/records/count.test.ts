import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, bundleOf, type TestRecords, testRecords } from '../../../test/records.ts';
import { countsOf, foldCounts } from './count.ts';
import { typeName } from './type-number.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

async function counted(): Promise<Record<string, { live: number; versions: number }>> {
  return Object.fromEntries(await r.t.database.transaction(tenant, (tx) => countsOf(tx)));
}

/** What the tables themselves hold. */
async function actual(): Promise<Record<string, { live: number; versions: number }>> {
  const rows = await r.behind(
    `select type, count(*) filter (where not deleted)::int as live, sum(version)::int as versions
       from records.resource where tenant = $1 group by type`,
    [tenant],
  );
  return Object.fromEntries(
    rows.map((row) => [
      typeName(Number(row['type'])),
      { live: Number(row['live']), versions: Number(row['versions']) },
    ]),
  );
}

test('counts are those of the tables whatever is written at once, before and after they are added up', async () => {
  const ids = Array.from({ length: 12 }, (_, n) => `c${n}`);
  const one = (id: string) => ({ resourceType: 'Patient', id });
  for (let round = 0; round < 4; round += 1) {
    await Promise.all([
      ...ids.map((id, n) =>
        (n + round) % 3 === 0
          ? admin.remove(`/fhir/Patient/${id}`)
          : admin.put(`/fhir/Patient/${id}`, one(id)),
      ),
      admin.post('/fhir/Patient', { resourceType: 'Patient' }),
      // Refused: nothing of it may be counted.
      admin.put('/fhir/Patient/c1', one('c1'), { 'if-match': 'W/"99"' }),
      admin.post(
        '/fhir',
        bundleOf(
          'transaction',
          [1, 2, 3].map((n) => ({
            resource: { resourceType: 'Basic', id: `b${round}${n}`, code: { text: 'x' } },
            request: { method: 'PUT', url: `Basic/b${round}${n}` },
          })),
        ),
      ),
      foldCounts(r.t.database, tenant),
    ]);
    assert.deepEqual(await counted(), await actual());
  }
  await foldCounts(r.t.database, tenant);
  assert.deepEqual(await counted(), await actual());
  const [left] = await r.behind(
    'select count(*)::int as rows from records.count where tenant = $1',
    [tenant],
  );
  assert.equal(left?.['rows'], 2);
});
