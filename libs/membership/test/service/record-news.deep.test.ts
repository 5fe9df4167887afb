import { describe, expect, it } from '@jest/globals';
import { BEGIN_TOPIC, DELIVER_TOPIC, NEWS_TOPIC, encodeDelivery } from '@musubi/membership';
import { nodeNumber, nodeRecord } from '../support/people.js';
import { type Member, SimMembers, knownTo } from '../support/sim-members.js';

const NODES = 8;
/** More make the world slower, and the first case more telling. */
const MANY = 200;
const FEW = 10;
const MINUTE_MS = 60_000;

interface Asked {
  readonly calls: number;
  readonly bytes: number;
}

const TOPICS: readonly string[] = [BEGIN_TOPIC, DELIVER_TOPIC, NEWS_TOPIC];

let world: SimMembers;
let members: Member[];
let asked: Map<string, Asked>;

/** Counts what the member asks, and what is answered. */
function tap({ links }: Member): void {
  const ask = links.ask.bind(links);
  links.ask = async (node, topic, payload) => {
    const outcome = await ask(node, topic, payload);
    const { bytes, calls } = asked.get(topic) ?? { bytes: 0, calls: 0 };
    const answered = outcome.kind === 'ok' ? outcome.reply.length : 0;
    asked.set(topic, { calls: calls + 1, bytes: bytes + payload.length + answered });
    return outcome;
  };
}

function totalOf(topics: readonly string[]): Asked {
  const all = topics.map((topic) => asked.get(topic) ?? { bytes: 0, calls: 0 });
  return {
    calls: all.reduce((sum, { calls }) => sum + calls, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

async function areAt(seq: number, of: Member): Promise<boolean> {
  const found = await Promise.all(members.map(({ stores }) => stores.peers.find(of.key)));
  return found.every((stored) => stored?.record.content.seq === seq);
}

async function open(records: number): Promise<void> {
  world = new SimMembers();
  asked = new Map();
  members = await world.star(NODES);
  const [first] = members;
  for (let number = 1000; number < 1000 + records; number += 1)
    await first?.stores.peers.put(nodeRecord(nodeNumber(number)), nodeNumber(50).key);
  await world.until(async () => {
    const known = await Promise.all(members.map(knownTo));
    return known.every(({ size }) => size === NODES + records);
  });
  // What the start has made known is told to the end.
  await world.clock.advance(5 * MINUTE_MS);
  members.forEach(tap);
}

const last = (): Member => {
  const member = members.at(-1);
  if (member === undefined) throw new Error('a member');
  return member;
};

describe('a record that has changed', () => {
  it('reaches all by itself within seconds, once over each link and way, without a comparison', async () => {
    await open(MANY);
    const before = (await last().membership.record()).content.seq;
    await last().membership.moveTo({ addresses: ['sim://x1'] });
    const ms = await world.until(() => areAt(before + 1, last()));
    await world.clock.advance(5000);

    expect(ms).toBeLessThan(10_000);
    const links = members.reduce((sum, member) => sum + member.links.linked().length, 0);
    expect(totalOf([NEWS_TOPIC]).calls).toBeLessThanOrEqual(links);
    expect(totalOf([NEWS_TOPIC]).bytes).toBeLessThan(links * 400);
    expect(totalOf([BEGIN_TOPIC, DELIVER_TOPIC])).toEqual({ calls: 0, bytes: 0 });
  });

  it('is compared at last with a peer that news does not reach', async () => {
    await open(FEW);
    for (const { links } of members) {
      const ask = links.ask.bind(links);
      links.ask = (node, topic, payload) =>
        topic === NEWS_TOPIC
          ? Promise.resolve({ kind: 'refused', code: 'unknown-topic', retryable: false })
          : ask(node, topic, payload);
    }
    const before = (await last().membership.record()).content.seq;
    await last().membership.moveTo({ addresses: ['sim://x1'] });
    expect(await world.until(() => areAt(before + 1, last()))).toBeLessThan(MINUTE_MS);
    expect(totalOf([BEGIN_TOPIC]).calls).toBeGreaterThan(0);
  });

  it('leaves idle links without comparisons, but for a rare sweep', async () => {
    await open(FEW);
    await world.clock.advance(12 * MINUTE_MS);
    const { calls } = totalOf(TOPICS);
    const links = members.reduce((sum, member) => sum + member.links.linked().length, 0);
    expect(calls).toBeGreaterThan(0);
    expect(calls / links).toBeLessThan(4);
  });
});

describe('news', () => {
  it('that is known already is stored and told no further', async () => {
    await open(FEW);
    const [first, second] = members;
    if (first === undefined || second === undefined) throw new Error('two');
    const { bytes } = await first.membership.record();
    const outcome = await world.clock.run(
      second.links.ask(first.key, NEWS_TOPIC, encodeDelivery({ records: [bytes] })),
    );
    expect(outcome.kind).toBe('ok');
    await world.clock.advance(5000);
    expect(totalOf(TOPICS).calls).toBe(1);
  });

  it('that is forged ends the link, and leaves nothing', async () => {
    await open(FEW);
    const [first, second] = members;
    if (first === undefined || second === undefined) throw new Error('two');
    const genuine = nodeRecord(nodeNumber(5000));
    const forged = genuine.bytes.map((byte, index) => (index === genuine.bytes.length - 1 ? byte ^ 1 : byte));
    const more = nodeRecord(nodeNumber(5001)).bytes;
    await world.clock.run(
      second.links.ask(first.key, NEWS_TOPIC, encodeDelivery({ records: [more, forged] })),
    );
    expect(first.links.refusals.countOf('bad-exchange')).toBe(1);
    expect(await first.stores.peers.find(nodeNumber(5001).key)).toBeUndefined();
  });
});
