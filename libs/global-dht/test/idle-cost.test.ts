import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AgentKeys, fromBase64Url, randomBytes } from '@musubi/crypto';
import { type TestNode } from '@musubi/testing';
import { type AgentPubKey, dayOf } from '@musubi/messaging';
import { GLOBAL_DHT_SPACE } from '../src/addressing/addressing.js';
import { ContactStore } from '../src/contact.store.js';
import { NodeProcess, openDeliveryNode } from './support/node-processes.js';

const YEAR_DAYS = 365;

let node: TestNode;
let here: NodeProcess;

beforeEach(async () => {
  node = await openDeliveryNode();
  here = new NodeProcess(node);
  await here.strategy.init();
});

afterEach(async () => {
  await here.strategy.destroy();
  await node.close();
});

/** Waits for a letter, for its receipt, and for work that a push has just begun. */
async function whenIdle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await here.strategy.whenIdle();
}

/** Every read, and every write but those of acts, while the work is done and all that follows from it. */
async function queriesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const query = jest.spyOn(node.context.db, 'query');
  await work();
  await whenIdle();
  const made = query.mock.calls.map(([sql]) => sql);
  query.mockRestore();
  return made;
}

/** A new agent that knows so many others, none of whom is online here. */
async function agentWith(contacts: number): Promise<AgentPubKey> {
  const agent = await here.newAgent();
  await here.strategy.deactivate(agent);
  const store = new ContactStore(node.context.db, node.context.random);
  for (let made = 0; made < contacts; made += 1) {
    await store.add(here.keysOf(agent), AgentKeys.fromSeed(randomBytes(32)).agent);
  }
  await here.strategy.activate(agent);
  await here.strategy.whenIdle();
  await here.poll();
  return agent;
}

const lookups = (queries: readonly string[]): number =>
  queries.filter((sql) => sql.includes('from dht_link where space = $1 and base = any')).length;

describe('a poll', () => {
  it('asks two questions, however many agents and pairs there are', async () => {
    const alone = await queriesOf(() => here.poll());
    await agentWith(40);
    for (let agents = 0; agents < 20; agents += 1) await here.newAgent();
    await here.poll(2);

    const crowded = await queriesOf(() => here.poll());

    expect([alone.length, crowded.length]).toEqual([2, 2]);
  });

  it('asks nothing more for letters that were pushed', async () => {
    const [alice, bob] = [await here.newAgent(), await here.newAgent()];
    const sent = [await here.send(alice, bob), await here.send(alice, bob)];
    await whenIdle();
    expect(await Promise.all(sent.map((ref) => here.statusOf(ref)))).toEqual(['delivered', 'delivered']);
    // The contacts are new, and announced to all processes.
    await here.poll();
    await here.send(alice, bob);
    await whenIdle();

    expect(await queriesOf(() => here.poll())).toHaveLength(2);
  });

  it('looks up a new day once, a thousand bases at a time', async () => {
    await agentWith(30);
    here.clock.days = 1;
    await here.poll();
    here.clock.days = 2;

    expect(lookups(await queriesOf(() => here.poll()))).toBe(1);
    expect(lookups(await queriesOf(() => here.poll()))).toBe(0);
  });
});

describe('a first contact', () => {
  async function costAt(contacts: number): Promise<readonly [queries: number, secrets: number]> {
    const bob = await agentWith(contacts);
    const alice = await here.newAgent();
    await here.poll();
    const secrets = jest.spyOn(here.keysOf(bob), 'pairSecret');
    const queries = await queriesOf(async () => {
      await here.send(alice, bob);
      await whenIdle();
      await here.poll();
    });
    return [queries.length, secrets.mock.calls.length];
  }

  it('costs its recipient the same at 3 and at 300 contacts', async () => {
    const [many, few] = [await costAt(300), await costAt(3)];

    expect(many[1]).toBe(few[1]);
    // Two agents may share a lookup, and a letter that is there before its mailbox is watched is read with two queries.
    expect(Math.abs(many[0] - few[0])).toBeLessThanOrEqual(3);
  });
});

describe('an agent that comes online', () => {
  async function costOf(agents: readonly AgentPubKey[]): Promise<number> {
    await here.restart();
    await here.poll();
    return (await queriesOf(() => Promise.all(agents.map((agent) => here.strategy.activate(agent))))).length;
  }

  it('shares its questions with those who come with it', async () => {
    const agents: AgentPubKey[] = [];
    for (let made = 0; made < 30; made += 1) agents.push(await here.newAgent());

    expect(await costOf(agents)).toBe(await costOf(agents.slice(0, 1)));
  });

  it('looks a thousand mailboxes up with each query when it was away for a year', async () => {
    const contacts = 20;
    const agent = await agentWith(contacts);
    await here.strategy.deactivate(agent);
    const today = dayOf(here.clock.now());
    await node.database.dataSource.query(
      'insert into dht_day select $1, 2, day from generate_series($2::int, $3::int) as day',
      [fromBase64Url(GLOBAL_DHT_SPACE), today - YEAR_DAYS, today],
    );
    // Those days are not of the last two periods.
    await here.passDays(1);
    await here.passDays(4);

    const queries = await queriesOf(() => here.strategy.activate(agent));

    const bases = (contacts + 1) * (YEAR_DAYS + 1);
    expect(lookups(queries)).toBeLessThanOrEqual(Math.ceil(bases / 1000) + 2);
    expect(lookups(queries)).toBeGreaterThanOrEqual(Math.floor(bases / 1000));
    expect(queries.length - lookups(queries)).toBeLessThanOrEqual(6);
  });
});
