import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Dht, DhtFeed, cellDatabase } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { dayOf } from '@musubi/messaging';
import { NOON, SPACE, keysOf } from './support/authors.js';
import { openCellDatabase } from './support/chains.js';
import { NotedSignals, baseOf, bodiesOf, linkAction } from './support/publishing.js';

const alice = keysOf('alice');
const DAY_US = 86_400_000_000;

let database: TestDatabase;

beforeEach(async () => {
  database = await openCellDatabase();
});

afterEach(() => database.close());

/** Links of that many days, of which the older version kept nothing but links and actions. */
async function publishedBefore(days: readonly number[]): Promise<void> {
  const { dataSource } = database;
  for (const [index, day] of days.entries()) {
    const seq = 4 + 2 * index;
    await new Dht(dataSource, new NotedSignals()).publish(
      [linkAction(alice, baseOf('old'), seq)],
      bodiesOf(),
    );
    await dataSource.query(
      `insert into action (space, author, seq, hash, at, type, signature) values ($1, $2, $3, $4, $5, 'create-link', $4)`,
      [fromBase64Url(SPACE), fromBase64Url(alice.agent), seq, fromBase64Url(alice.agent), day * DAY_US + 1],
    );
  }
}

describe('the migration to the feed', () => {
  it('files what lies there under a period before all others', async () => {
    const { dataSource } = database;
    await publishedBefore([7300, 20_000, 20_000, 20_040]);
    const migration = cellDatabase.migrations
      .map((Of) => new Of())
      .find(({ constructor }) => constructor.name.startsWith('CreateDhtFeed'));
    const runner = dataSource.createQueryRunner();
    await migration?.down(runner);
    await migration?.up(runner);
    await runner.release();
    const feed = new DhtFeed(dataSource, SPACE);

    expect(await feed.daysSince(0)).toEqual([20_040, 20_000, 7300].map((day) => ({ day, period: 0 })));
    expect(await feed.state()).toEqual({ period: 2, began: 0, days: [] });
    await new Dht(dataSource, new NotedSignals()).publish([linkAction(alice, baseOf('new'), 4)], bodiesOf());
    expect(await feed.daysSince(1)).toEqual([{ day: dayOf(NOON), period: 2 }]);
  });
});
