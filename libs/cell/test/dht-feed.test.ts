import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ARRIVALS_STAY_MS, type Arrival, Dht, DhtFeed, type Hash, hashBytes } from '@musubi/cell';
import { fromBase64Url } from '@musubi/crypto';
import { type TestDatabase } from '@musubi/database/testing';
import { type Day, dayOf } from '@musubi/messaging';
import { until } from '../../../test/support/until.js';
import { NOON, SPACE, keysOf, numbers } from './support/authors.js';
import { openCellDatabase } from './support/chains.js';
import { NotedSignals, baseOf, bodiesOf, linkAction } from './support/publishing.js';

const alice = keysOf('alice');
const bob = keysOf('bob');
const TODAY = dayOf(NOON);

let database: TestDatabase;
let feed: DhtFeed;

beforeEach(async () => {
  database = await openCellDatabase();
  feed = open();
});

afterEach(() => database.close());

const open = (): DhtFeed => new DhtFeed(database.dataSource, SPACE);

async function publish(base: Hash, ...seqs: readonly number[]): Promise<void> {
  const links = seqs.map((seq) => linkAction(alice, base, seq));
  await new Dht(database.dataSource, new NotedSignals()).publish(links, bodiesOf());
}

async function readBy(reader: DhtFeed): Promise<{ readonly isWhole: boolean; readonly arrivals: Arrival[] }> {
  const arrivals: Arrival[] = [];
  const isWhole = await reader.read((arrival) => arrivals.push(arrival));
  return { isWhole, arrivals };
}

function arrived(base: Hash, ...seqs: readonly number[]): readonly Arrival[] {
  return seqs.map((seq) => ({ base, author: alice.agent, seq }));
}

async function arrivalsStored(): Promise<number> {
  const sql = 'select count(*)::int as rows from dht_arrival';
  const [row] = await database.dataSource.query<{ rows: number }[]>(sql);
  return row?.rows ?? -1;
}

describe('the feed', () => {
  it('begins with the first look', async () => {
    await publish(baseOf('before'), 4);
    const first = await readBy(feed);
    await publish(baseOf('after'), 4);

    expect(first).toEqual({ isWhole: true, arrivals: [] });
    expect(await readBy(feed)).toEqual({ isWhole: true, arrivals: arrived(baseOf('after'), 4) });
    expect(await readBy(feed)).toEqual({ isWhole: true, arrivals: [] });
  });

  it('tells each reader of each link once, however often it is published', async () => {
    const other = open();
    for (const reader of [feed, other]) await readBy(reader);
    for (let time = 0; time < 3; time += 1) await publish(baseOf('again'), 4, 6);

    for (const reader of [feed, other]) {
      expect((await readBy(reader)).arrivals).toEqual(arrived(baseOf('again'), 4, 6));
    }
  });

  it('misses no transaction that commits after one with a higher number', async () => {
    await readBy(feed);
    const slow = database.dataSource.createQueryRunner();
    await slow.startTransaction();
    await slow.query('insert into dht_arrival values (pg_current_xact_id()::text::bigint, $1, 4, $2)', [
      fromBase64Url(bob.agent),
      hashBytes(baseOf('slow')),
    ]);
    await publish(baseOf('fast'), 4);
    const meanwhile = await readBy(feed);
    await slow.commitTransaction();
    await slow.release();

    expect(meanwhile.arrivals).toEqual(arrived(baseOf('fast'), 4));
    expect((await readBy(feed)).arrivals).toEqual([{ base: baseOf('slow'), author: bob.agent, seq: 4 }]);
    expect((await readBy(feed)).arrivals).toEqual([]);
  });

  it('is read to its end, also where one transaction has more than a page', async () => {
    await readBy(feed);
    const many = numbers(1500).map((index) => 4 + 2 * index);
    await database.dataSource.query(
      `insert into dht_arrival select pg_current_xact_id()::text::bigint, $1, seq, $2 from unnest($3::int[]) as seq`,
      [fromBase64Url(alice.agent), hashBytes(baseOf('many')), many],
    );
    await publish(baseOf('last'), 4);

    const { arrivals } = await readBy(feed);

    expect(arrivals.map(({ seq }) => seq)).toEqual([...many, 4]);
  });
});

describe('a reader of the feed', () => {
  it('is told when a crash has emptied it, and reads on', async () => {
    await readBy(feed);
    await publish(baseOf('lost'), 4);
    await database.dataSource.query('truncate dht_feed, dht_arrival');

    expect((await readBy(feed)).isWhole).toBe(false);
    await publish(baseOf('kept'), 4);
    expect(await readBy(feed)).toEqual({ isWhole: true, arrivals: arrived(baseOf('kept'), 4) });
  });

  it('is told when others have removed what it has not read', async () => {
    const asleep = open();
    for (const reader of [feed, asleep]) await readBy(reader);
    await publish(baseOf('missed'), 4);
    let steadyMs = 0;
    // A transaction in another database of the server holds the horizon back, too.
    await until(async () => {
      await readBy(feed);
      await feed.trim(steadyMs);
      await feed.trim((steadyMs += ARRIVALS_STAY_MS));
      expect(await arrivalsStored()).toBe(0);
    });
    expect((await readBy(asleep)).isWhole).toBe(false);
    expect((await readBy(asleep)).isWhole).toBe(true);
  });

  it('leaves arrivals to others for five minutes', async () => {
    const slow = open();
    for (const reader of [feed, slow]) await readBy(reader);
    await publish(baseOf('stays'), 4);
    await readBy(feed);
    await feed.trim(0);
    await feed.trim(ARRIVALS_STAY_MS - 1);

    expect(await readBy(slow)).toEqual({ isWhole: true, arrivals: arrived(baseOf('stays'), 4) });
  });

  it('begins anew where a dump brought the feed of a server with higher numbers', async () => {
    const far = String(2n ** 40n);
    await database.dataSource.query('insert into dht_feed (epoch, trimmed) values ($1, $1)', [far]);
    await database.dataSource.query('insert into dht_arrival values ($1, $2, 4, $2)', [
      far,
      fromBase64Url(alice.agent),
    ]);
    await readBy(feed);
    await publish(baseOf('here'), 4);

    expect(await readBy(feed)).toEqual({ isWhole: true, arrivals: arrived(baseOf('here'), 4) });
    expect(await arrivalsStored()).toBe(1);
  });
});

describe('periods', () => {
  const later = (days: number): Day => (TODAY + days) as Day;

  it('know the days of what was published in them, and of that alone', async () => {
    const { period } = await feed.state();
    await publish(baseOf('day'), 4);
    await feed.advance(period, later(1));
    const next = await feed.state();
    await feed.advance(period + 1, later(2));

    expect(next).toEqual({ period: period + 1, began: later(1), days: [TODAY] });
    expect(await feed.state()).toEqual({ period: period + 2, began: later(2), days: [] });
    expect(await feed.daysSince(period)).toEqual([{ day: TODAY, period }]);
    expect(await feed.daysSince(period + 1)).toEqual([]);
  });

  it('file a day once in ten seconds, unless a period may have begun', async () => {
    const dht = new Dht(database.dataSource, new NotedSignals());
    const publishNext = (seq: number): Promise<void> =>
      dht.publish([linkAction(alice, baseOf('often'), seq)], bodiesOf());
    const { period } = await feed.state();
    await publishNext(4);
    await feed.advance(period, later(1));
    await publishNext(6);
    const between = await feed.daysSince(period + 1);
    dht.notePeriod();
    await publishNext(8);

    expect(between).toEqual([]);
    expect(await feed.daysSince(period + 1)).toEqual([{ day: TODAY, period: period + 1 }]);
  });

  it('are begun once by all who want to begin one', async () => {
    const { period } = await feed.state();
    await Promise.all(numbers(4).map(() => open().advance(period, later(1))));
    expect((await feed.state()).period).toBe(period + 1);
  });

  it('begin with the first where none was ever begun', async () => {
    await database.dataSource.query('delete from dht_period');
    await publish(baseOf('none'), 4);
    expect(await feed.state()).toEqual({ period: 0, began: null, days: [TODAY] });
    await feed.advance(0, TODAY);
    expect(await feed.state()).toMatchObject({ period: 1, began: TODAY });
  });
});
