import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeFrame, encodeMessage } from '@musubi/network/nodes';
import { agentRecords, nodeRecords } from '@musubi/membership';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from '../support/people.js';
import { type Member, SimMembers, at, knownTo } from '../support/sim-members.js';

const HOUR_MS = 3_600_000;
let world: SimMembers;

beforeEach(() => {
  world = new SimMembers();
});

async function seqOf({ key, stores }: Member, of = key): Promise<number | undefined> {
  return (await stores.peers.find(of))?.record.content.seq;
}

describe('nodes that know one address', () => {
  it.each([1, 2])('all come to know each other (seed %i)', async (seed) => {
    world = new SimMembers({ seed, weather: { loss: 0.02 } });
    const members = await world.star(16);
    const areKnown = async (): Promise<boolean> => {
      const known = await Promise.all(members.map(knownTo));
      return known.every(({ size }) => size === members.length);
    };
    expect(await world.until(areKnown)).toBeLessThan(120_000);
    for (const { links, logged } of members) expect([links.refusals.all(), logged]).toEqual([{}, []]);
    // They stay linked to some, and do not depend on the first.
    await members[0]?.stop();
    const late = await world.member(99, { bootstrap: [at(7)] });
    await world.until(async () => (await knownTo(late)).size === members.length + 1);
    const everybody = async (): Promise<boolean> => {
      const known = await Promise.all(members.slice(1).map(knownTo));
      return known.every((nodes) => nodes.has(late.key));
    };
    await world.until(everybody);
    await Promise.all([...members.slice(1), late].map((member) => member.stop()));
    expect(world.clock.sleeping).toBeLessThan(members.length);
  });

  it('find it within 5 s when the network comes, however long they were without it', async () => {
    const [first, second] = [await world.member(1), await world.member(2, { bootstrap: [at(1)] })];
    await second.stop();
    world.network.sever({ from: 'n3', to: 'n1' });
    const third = await world.member(3, { bootstrap: [at(1)] });
    await world.clock.advance(HOUR_MS);
    expect(third.links.linked()).toEqual([]);
    world.network.mend({ from: 'n3', to: 'n1' });
    expect(await world.until(() => third.links.isLinked(first.key))).toBeLessThanOrEqual(5000);
    expect(third.heard).toContain(first.key);
  });

  it('are not fooled by an address that is their own', async () => {
    const alone = await world.member(1, { bootstrap: [at(1)] });
    await world.clock.advance(60_000);
    expect([alone.links.linked(), alone.links.refusals.countOf('wrong-node')]).toEqual([[], 1]);
  });

  it('pin the key where the configuration names it', async () => {
    const first = await world.member(1);
    const wrong = await world.member(2, { bootstrap: [{ address: 'sim://n1', node: nodeNumber(9).key }] });
    const right = await world.member(3, { bootstrap: [{ address: 'sim://n1', node: first.key }] });
    await world.clock.advance(10_000);
    expect([wrong.links.linked(), right.links.linked()]).toEqual([[], [first.key]]);
  });
});

describe('the record of a node', () => {
  it('is renewed before its lease ends, and reaches the others', async () => {
    const [first, second] = await world.star(2);
    if (first === undefined || second === undefined) throw new Error('two');
    await world.clock.advance(10 * HOUR_MS);
    const seq = await seqOf(second);
    expect([(seq ?? 0) > 2, await seqOf(first, second.key)]).toEqual([true, seq]);
    expect((await first.membership.peers()).map(({ isPresent, state }) => [isPresent, state])).toEqual([
      [true, 'linked'],
    ]);
  });

  it('is signed with one more than the highest that a peer knows, after a backup was restored', async () => {
    const first = await world.member(1);
    const second = await world.member(2, { bootstrap: [at(1)] });
    await world.until(async () => (await seqOf(first, second.key)) === 1);
    for (const address of ['sim://x2', 'sim://y2', 'sim://n2'])
      await second.membership.moveTo({ addresses: [address] });
    await world.until(async () => (await seqOf(first, second.key)) === 4);
    await second.stop();

    const restored = await world.member(2, { bootstrap: [at(1)], isHidden: true });
    expect(await seqOf(restored)).toBe(1);
    await world.until(async () => (await seqOf(first, second.key)) === 5);
    const { addresses, seq } = (await restored.membership.record()).content;
    expect([addresses, seq]).toEqual([[], 5]);
  });

  it('ends a fork that a copy of the node has made', async () => {
    const [first, second] = [await world.member(1), await world.member(2)];
    const copy = nodeRecord(second.identity, { addresses: ['sim://copy'], seq: 1 });
    await first.stores.peers.put(copy, null);
    expect(await world.clock.run(second.links.discover('sim://n1'))).toBe(first.key);
    await world.until(async () => (await seqOf(first, second.key)) === 2);
    expect((await first.stores.peers.find(second.key))?.record.content.addresses).toEqual(['sim://n2']);
  });
});

describe('the record of an agent', () => {
  it('is signed once, and anew when less than half of its lease is left', async () => {
    const here = await world.member(1);
    const keys = agentNumber(1);
    expect(await here.membership.announce(keys)).toMatchObject({ kind: 'here', isNew: true });
    expect(await here.membership.announce(keys)).toMatchObject({ kind: 'here', isNew: false });
    await here.stop();
    await world.clock.advance(12 * HOUR_MS + 60_000);
    expect(await here.membership.announce(keys)).toMatchObject({
      kind: 'here',
      isNew: true,
      record: { content: { seq: 2 } },
    });
  });

  it('of two announcements at once is one', async () => {
    const here = await world.member(1);
    const both = await Promise.all([
      here.membership.announce(agentNumber(1)),
      here.membership.announce(agentNumber(1)),
    ]);
    expect(both.map(({ record }) => record.content.seq)).toEqual([1, 1]);
    expect((await here.stores.agents.find(agentNumber(1).agent))?.fork).toBeNull();
  });

  it('of an agent that has moved away is not signed here, unless it moves back', async () => {
    const here = await world.member(1);
    const keys = agentNumber(1);
    await here.stores.agents.put(agentRecord(keys, nodeNumber(2), { seq: 5 }), null);
    expect(await here.membership.announce(keys)).toMatchObject({ kind: 'elsewhere' });
    expect(await here.membership.withdraw(keys)).toBeNull();
    expect(await here.membership.announce(keys, { isMoving: true })).toMatchObject({
      kind: 'here',
      record: { content: { node: here.key, seq: 6 } },
    });
  });

  it('is a tombstone when the agent leaves, and there is no card of it then', async () => {
    const here = await world.member(1);
    await here.membership.announce(agentNumber(1));
    expect((await here.membership.withdraw(agentNumber(1)))?.content).toMatchObject({
      tombstone: true,
      seq: 2,
    });
    expect(await here.membership.cardOf(agentNumber(1).agent)).toBeUndefined();
  });
});

describe('peers', () => {
  it('are told by pages, with their state', async () => {
    const [first, second, third] = [
      await world.member(1),
      await world.member(2, { bootstrap: [at(1)] }),
      await world.member(3, { bootstrap: [at(1)] }),
    ];
    await world.until(async () => (await knownTo(first)).size === 3);
    await third.stop();
    await world.until(() => !first.links.isLinked(third.key));
    await world.until(async () => (await first.membership.peers()).some(({ state }) => state === 'failing'));
    const pages = [await first.membership.peers(null, 1)];
    pages.push(await first.membership.peers(pages[0]?.[0]?.node, 1));
    const states = new Map(pages.flat().map((peer) => [peer.node, peer]));
    expect(states.get(second.key)).toMatchObject({ state: 'linked', failingSince: null, isPinned: false });
    const failing = { state: 'failing', failingSince: expect.any(Number) as unknown, contactDay: 0 };
    expect(states.get(third.key)).toMatchObject(failing);
  });
});

it('tells of agents and nodes of a card, and keeps the card', async () => {
  const [here, there] = [await world.member(1), await world.member(2)];
  await there.membership.announce(agentNumber(2));
  const card = await there.membership.cardOf(agentNumber(2).agent);
  if (card === undefined) throw new Error('a card');
  expect(await here.membership.take(agentNumber(1).agent, card)).toEqual({ agent: 'stored', node: 'stored' });
  expect(await here.membership.take(agentNumber(1).agent, card)).toEqual({ agent: 'known', node: 'known' });
  expect([here.heard, here.told]).toEqual([[there.key], [agentNumber(2).agent]]);
  const copy = await here.membership.cardOf(agentNumber(2).agent);
  expect([copy?.agent.bytes, copy?.node.bytes]).toEqual([card.agent.bytes, card.node.bytes]);
  expect(agentRecords.keyOf(card.agent) + nodeRecords.keyOf(card.node)).toBe(
    agentNumber(2).agent + there.key,
  );
});

it('does not dial a node without a pause that hangs up at once', async () => {
  const here = await world.member(1, { bootstrap: [{ address: 'sim://rude', node: null }] });
  const { carrier } = world.stranger('rude');
  let dials = 0;
  await carrier.listen({ admit: () => () => undefined, noteHandshakeFailure: () => undefined }, (channel) => {
    dials += 1;
    const hello = encodeFrame(encodeMessage({ kind: 'hello' }));
    channel.listen({ onData: () => undefined, onClose: () => undefined });
    if (hello !== null) channel.write(hello, () => undefined);
    channel.end();
  });
  await world.clock.advance(60_000);
  expect(dials).toBeGreaterThan(10);
  expect(dials).toBeLessThan(250);
  expect(here.links.linked()).toEqual([]);
});
