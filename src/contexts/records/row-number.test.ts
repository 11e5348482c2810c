import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { migrationFolders } from '../../store.ts';
import { openRowNumbers } from './row-number.ts';

let t: TestDatabase;

before(async () => {
  t = await testDatabase(await migrationFolders());
});
after(() => t.close());

test('no number is handed out twice, by however many, in however many processes', async () => {
  const processes = [openRowNumbers(), openRowNumbers(), openRowNumbers()];
  const counts = [1, 3, 255, 256, 257, 1000, 2, 1, 700, 5];
  const taken = await Promise.all(
    Array.from({ length: 60 }, (_, n) => {
      const count = counts[n % counts.length] ?? 1;
      return t.database.transaction(1, async (tx) => {
        const numbers = await processes[n % processes.length]?.take(tx, count);
        assert.equal(numbers?.length, count);
        return numbers ?? [];
      });
    }),
  );
  const all = taken.flat();
  assert.equal(new Set(all).size, all.length);
});

test('a rest of a block serves the next, so that single creates ask seldom', async () => {
  const numbers = openRowNumbers();
  await t.database.transaction(1, async (tx) => {
    let statements = 0;
    const counting: typeof tx = {
      ...tx,
      rows(query) {
        statements += 1;
        return tx.rows(query);
      },
    };
    for (let n = 0; n < 256; n += 1) await numbers.take(counting, 1);
    assert.equal(statements, 1);
    await numbers.take(counting, 1);
    assert.equal(statements, 2);
  });
});
