import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  bundleOf,
  idsOf,
  linkOf,
  type Resource,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;
const families = ['Zorn', 'abel', 'Öberg', 'Mako', 'Mako', 'de Vries', 'Ångström', 'Zorn'];
const births = ['1970', '1970-05', '1970-05-12', '2001-01-01', '1920-12-31'];
const count = 40;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
  for (let from = 0; from < count; from += 10) {
    const entries = Array.from({ length: 10 }, (_, n) => patient(from + n)).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `Patient/${resource.id}` },
    }));
    assert.equal((await admin.post('/fhir', bundleOf('transaction', entries))).status, 200);
  }
  for (let n = 0; n < 20; n += 1) {
    const at = { effectiveDateTime: `2020-01-${String((n % 9) + 1).padStart(2, '0')}` };
    const resource = {
      ...{ resourceType: 'Observation', id: `o${n}`, status: 'final', code: { text: 'x' } },
      ...{ subject: { reference: `Patient/p${n % 5}` }, ...(n % 4 === 0 ? {} : at) },
      ...(n % 3 === 0 ? {} : { valueQuantity: { value: (n * 7) % 11, unit: 'kg' } }),
    };
    await admin.put(`/fhir/Observation/o${n}`, resource);
  }
});
after(() => r.close());

function patient(n: number): Resource {
  return {
    ...{ resourceType: 'Patient', id: `p${n}`, gender: n % 2 === 0 ? 'female' : 'male' },
    ...(n % 8 === 7 ? {} : { name: [{ family: families[n % families.length] }] }),
    ...(n % 6 === 5 ? {} : { birthDate: births[n % births.length] }),
    ...(n % 10 === 0 ? {} : { generalPractitioner: [{ reference: 'Practitioner/x' }] }),
  };
}

/** Every entry of all pages; `meanwhile` runs before each further page. */
async function walk(url: string, meanwhile?: (page: number) => Promise<unknown>) {
  const found: Resource[] = [];
  let next: string | undefined = url;
  for (let page = 0; next !== undefined; page += 1) {
    assert.ok(page < 50, 'paging has no end');
    const answer: Answer = await admin.get(next);
    assert.equal(answer.status, 200, answer.text);
    found.push(...(answer.body.entry ?? []).map(({ resource }) => resource));
    next = linkOf(answer, 'next');
    if (next !== undefined) await meanwhile?.(page);
  }
  return found;
}

const all = Array.from({ length: count }, (_, n) => `p${n}`).sort();
const named = (resources: readonly Resource[]) => resources.map(({ id }) => id);

const sorts = ['_lastUpdated', '-_lastUpdated', '_id', '-_id', 'birthdate', '-birthdate'];
sorts.push('family', '-family', 'gender', 'gender,-birthdate', 'general-practitioner,_id', '');

for (const sort of sorts) {
  test(`pages sorted by ${sort || 'nothing'} hold each match once`, async () => {
    const query = sort === '' ? '' : `&_sort=${sort}`;
    const found = named(await walk(`/fhir/Patient?_count=7${query}`));
    assert.deepEqual([...found].sort(), all);
    const again = named(await walk(`/fhir/Patient?_count=3${query}`));
    assert.deepEqual(again, found, 'the order does not depend on the size of a page');
  });
}

test('the order is that of the values; who has none comes last either way', async () => {
  const dates = async (sort: string) =>
    (await walk(`/fhir/Observation?_count=7&_sort=${sort}`)).map(
      (one) => (one['effectiveDateTime'] as string | undefined) ?? '',
    );
  const up = await dates('date');
  const known = up.filter((date) => date !== '');
  assert.deepEqual(up, [...[...known].sort(), ...new Array<string>(5).fill('')]);
  const down = await dates('-date');
  assert.deepEqual(down, [...[...known].sort().reverse(), ...new Array<string>(5).fill('')]);
  const amounts = (await walk('/fhir/Observation?_count=7&_sort=-value-quantity')).map(
    (one) => (one['valueQuantity'] as { value: number } | undefined)?.value,
  );
  const measured = amounts.filter((value) => value !== undefined);
  assert.deepEqual(
    amounts.slice(0, measured.length),
    measured.toSorted((a, b) => b - a),
  );
  assert.equal(measured.length, 13);
});

test('names are sorted as people read them, accents and case aside', async () => {
  const found = await walk('/fhir/Patient?_count=7&_sort=family');
  const seen = found.map((one) => (one['name'] as { family: string }[] | undefined)?.[0]?.family);
  const order = ['abel', 'Ångström', 'de Vries', 'Mako', 'Öberg', 'Zorn', undefined];
  assert.deepEqual([...new Set(seen)], order);
});

test('a page while others write: what was there all the time is shown once', async () => {
  for (const sort of ['', '&_sort=_id', '&_sort=birthdate', '&_sort=family']) {
    const made: string[] = [];
    const found = named(
      await walk(`/fhir/Patient?_count=7${sort}`, async (page) => {
        const extra = { resourceType: 'Patient', name: [{ family: 'Mako' }], birthDate: '1970' };
        made.push((await admin.post('/fhir/Patient', extra)).body.id);
        await admin.put('/fhir/Patient/p3', { ...patient(3), active: page % 2 === 0 });
      }),
    );
    assert.deepEqual(found.filter((id) => !made.includes(id)).sort(), all, sort);
    assert.equal(new Set(found).size, found.length, sort);
    for (const id of made) await admin.remove(`/fhir/Patient/${id}`);
  }
});

test('a next link holds no value of the query and serves only whom it was given', async () => {
  const first = await admin.get('/fhir/Patient?family=Mako&_count=2');
  const next = linkOf(first, 'next') ?? '';
  assert.match(next, /^\/fhir\/Patient\?_cursor=[\w-]+$/);
  assert.ok(!decodeURIComponent(next).toLowerCase().includes('mako'));
  const second = await admin.get(next);
  assert.equal(second.body.entry?.length, 2);
  const others = [
    await r.asker(tenant, 'doctor'),
    await r.asker(await r.newTenant('Quayside Clinic'), 'admin'),
  ];
  for (const other of others) {
    const stolen = await other.get(next);
    assert.equal(stolen.status, 400);
    assert.equal(stolen.body.issue[0]?.details.coding?.[0]?.code, 'CURSOR_INVALID');
  }
  assert.equal((await admin.get(next.replace('/Patient', '/Observation'))).status, 400);
  assert.equal((await admin.get(`${next.slice(0, -2)}AA`)).status, 400);
  assert.equal((await admin.get(`${next}&gender=male`)).status, 400);
  const history = await admin.get(`/fhir/Patient/_history${next.slice(next.indexOf('?'))}`);
  assert.equal(history.status, 400);
});

test('_count=0, _summary=count and _total say how many there are', async () => {
  const zero = await admin.get('/fhir/Patient?_count=0');
  assert.equal(zero.body.total, count);
  assert.equal(zero.body.entry, undefined);
  assert.equal(linkOf(zero, 'next'), undefined);
  const counted = await admin.get('/fhir/Patient?_summary=count&gender=female');
  assert.equal(counted.body.total, 20);
  assert.equal(counted.body.entry, undefined);
  assert.equal((await admin.get('/fhir/Patient?_total=accurate&_count=1')).body.total, count);
  const sorted = await admin.get('/fhir/Patient?_summary=count&_sort=family');
  assert.equal(sorted.body.total, count);
});

test('_summary and _elements leave out what they should and mark it', async () => {
  const one = async (query: string) =>
    (await admin.get(`/fhir/Patient?_id=p1&${query}`)).body.entry?.[0]?.resource as Resource;
  const tagged = (resource: Resource) =>
    ((resource['meta'] as { tag?: { code: string }[] }).tag ?? []).map(({ code }) => code);
  const elements = await one('_elements=gender');
  assert.deepEqual(Object.keys(elements).sort(), ['gender', 'id', 'meta', 'resourceType']);
  assert.deepEqual(tagged(elements), ['SUBSETTED']);
  const summary = await one('_summary=true');
  assert.ok(summary['name'] && summary['birthDate']);
  assert.equal(summary['generalPractitioner'], undefined);
  assert.deepEqual(tagged(summary), ['SUBSETTED']);
  assert.deepEqual(tagged(await one('_summary=false')), []);
  const observation = await admin.get('/fhir/Observation?_id=o1&_elements=value');
  const shown = Object.keys(observation.body.entry?.[0]?.resource ?? {});
  for (const name of ['status', 'code', 'valueQuantity']) assert.ok(shown.includes(name), name);
  assert.ok(!shown.includes('subject'));
});

test('_include and _revinclude add what is pointed to and what points here, once', async () => {
  const forward = await admin.get('/fhir/Observation?_count=20&_include=Observation:subject');
  assert.equal(idsOf(forward, 'match').length, 20);
  assert.deepEqual(idsOf(forward, 'include').sort(), ['p0', 'p1', 'p2', 'p3', 'p4']);
  assert.equal(forward.body.total, 20);
  const typed = '/fhir/Observation?_id=o1&_include=Observation:subject:Group';
  assert.deepEqual(idsOf(await admin.get(typed), 'include'), []);
  const backward = await admin.get('/fhir/Patient?_id=p2&_revinclude=Observation:patient');
  assert.deepEqual(idsOf(backward, 'include').sort(), ['o12', 'o17', 'o2', 'o7']);
  const both = await admin.get(
    '/fhir/Observation?_id=o2&_include=Observation:patient&_revinclude:iterate=Observation:subject',
  );
  assert.deepEqual(idsOf(both, 'include').sort(), ['o12', 'o17', 'o7', 'p2']);
});

test('an unknown parameter is refused; leniently it is ignored, and each page says so', async () => {
  const strict = await admin.get('/fhir/Patient?colour=blue&gender=male');
  assert.equal(strict.status, 400);
  assert.equal(strict.body.issue[0]?.expression?.[0], 'colour');
  assert.ok(!strict.text.includes('blue'));
  const lenient = { prefer: 'handling=lenient' };
  const first = await admin.get('/fhir/Patient?colour=blue&gender=male&_count=15', lenient);
  assert.equal(first.status, 200);
  const outcome = (answer: Answer) =>
    answer.body.entry?.find(({ search }) => search?.mode === 'outcome')?.resource;
  assert.match(JSON.stringify(outcome(first)), /colour/);
  assert.ok(!linkOf(first, 'self')?.includes('colour'));
  const second = await admin.get(linkOf(first, 'next') ?? '');
  assert.equal(second.status, 200, second.text);
  assert.equal(idsOf(second).length, 5);
  assert.match(JSON.stringify(outcome(second)), /colour/);
  assert.equal((await admin.get('/fhir/Patient?gender:colour=male', lenient)).status, 400);
});

test('an empty parameter is ignored, and the page says so; as a criterion it is refused', async () => {
  const found = await admin.get('/fhir/Patient?name=&_id=p2&_sort=');
  assert.deepEqual(idsOf(found), ['p2'], found.text);
  assert.match(found.text, /Ignored: name\./);
  assert.ok(!linkOf(found, 'self')?.includes('name='));
  const gone = await admin.remove('/fhir/Patient?name=&_id=p2');
  assert.equal(gone.status, 400, gone.text);
  assert.equal((await admin.get('/fhir/Patient/p2')).status, 200);
});

test('POST _search is the same search, its parameters in the body', async () => {
  const found = await admin.form('/fhir/Patient/_search', 'gender=male&_count=50');
  assert.deepEqual(idsOf(found).sort(), idsOf(await admin.get('/fhir/Patient?gender=male')).sort());
  const mixed = await admin.form('/fhir/Patient/_search?gender=male', 'birthdate=2001-01-01');
  const same = await admin.get('/fhir/Patient?gender=male&birthdate=2001-01-01');
  assert.deepEqual(idsOf(mixed).sort(), idsOf(same).sort());
  const json = await admin.post('/fhir/Patient/_search', '{"gender":"male"}');
  assert.equal(json.status, 415);
});

test('a search by hundreds of codes is paged; one too long for a link is refused, not cut', async () => {
  const codes = Array.from({ length: 300 }, (_, n) => `http://example.org/codes|c-${n}`);
  const first = await admin.get('/fhir/Patient?_count=7&_sort=_id');
  const ids = codes.map((_, n) => `p${n}`);
  const page = await admin.form('/fhir/Patient/_search', `_count=7&_id=${ids.join(',')}`);
  assert.equal(page.status, 200, page.text);
  const next = linkOf(page, 'next');
  assert.ok(next !== undefined && next.length < 8_300);
  assert.equal(idsOf(await admin.get(next)).length, 7);
  assert.equal(idsOf(first).length, 7);
  const random = Array.from({ length: 450 }, () => randomUUID());
  const long = `_count=7&_id=p1,p2,p3,p4,p5,p6,p7,p8,${random.join(',')}`;
  const refused = await admin.form('/fhir/Patient/_search', long);
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /too long to be paged/);
});

test('a code of a value set is found by :in, and all others by :not-in', async () => {
  const valueSet = {
    ...{ resourceType: 'ValueSet', id: 'sexes', url: 'http://lake.test/sexes', status: 'active' },
    compose: {
      include: [
        { system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'female' }] },
      ],
    },
  };
  assert.equal((await admin.put('/fhir/ValueSet/sexes', valueSet)).status, 201);
  const found = async (query: string) => idsOf(await admin.get(`/fhir/Patient?_count=50&${query}`));
  const female = await found('gender=female');
  assert.ok(female.length > 0);
  assert.deepEqual(await found('gender:in=http://lake.test/sexes'), female);
  assert.deepEqual(await found('gender:in=ValueSet/sexes'), female);
  assert.deepEqual(
    await found('gender:not-in=http://lake.test/sexes'),
    await found('gender:not=female'),
  );
  const unknown = await admin.get('/fhir/Patient?gender:in=http://lake.test/none');
  assert.equal(unknown.status, 400, unknown.text);
  assert.equal(unknown.body.issue[0]?.code, 'not-found');
});
