import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, openTestDatabase } from '@musubi/database/testing';
import { explainReads } from '@musubi/testing';
import { DirectoryStore } from '../src/agents/directory.store.js';
import { serviceDatabase } from '../src/node/database.js';

const AGENTS = 5000;
const FILL = `
  insert into directory (agent, nickname, compared)
  select sha256(n::text::bytea), 'User ' || n, 'user ' || n from generate_series(1, $1::int) as n`;

let database: TestDatabase;
let store: DirectoryStore;

beforeAll(async () => {
  database = await openTestDatabase(serviceDatabase);
  store = new DirectoryStore(database.dataSource);
  await database.dataSource.query(FILL, [AGENTS]);
  await database.dataSource.query('analyze directory');
});

afterAll(() => database.close());

describe(`a page of a directory of ${AGENTS}`, () => {
  it.each(['', 'User 12', 'nobody'])('is a range of an index, and sorts nothing: %j', async (search) => {
    const plan = await explainReads(database.dataSource, () =>
      store.search({ search, after: null, limit: 10 }),
    );

    expect(plan).toMatch(/Index (Only )?Scan.* using directory_by_compared on directory/);
    expect(plan).toMatch(/Index Cond: .*compared.* >= .*compared.* < /);
    expect(plan).not.toMatch(/Sort Key|Seq Scan/);
  });

  it.each(['', 'USER 49', 'user 4999', 'nobody'])(
    'and the next ones are all there is: %j',
    async (search) => {
      const found: string[] = [];
      for (let after: Parameters<typeof store.search>[0]['after'] = null; ;) {
        const page = await store.search({ search, after, limit: 700 });
        found.push(...page.map(({ nickname }) => nickname));
        after = page.at(-1) ?? null;
        if (after === null) break;
      }

      const all = Array.from({ length: AGENTS }, (_, index) => `User ${index + 1}`);
      const expected = all.filter((name) => name.toLowerCase().startsWith(search.toLowerCase()));
      expect(found).toEqual(expected.sort());
    },
  );
});
