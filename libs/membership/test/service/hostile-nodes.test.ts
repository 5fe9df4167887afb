import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeCanonical } from '@musubi/crypto';
import { type LinkMessage, type RefusalReason } from '@musubi/network/nodes';
import {
  BEGIN_TOPIC,
  DELIVER_TOPIC,
  encodeAnswer,
  encodeDelivery,
  encodeDigest,
  encodeStatement,
} from '@musubi/membership';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from '../support/people.js';
import { RawNode } from '../support/raw-node.js';
import { FN, type Member, SimMembers, at, knownTo } from '../support/sim-members.js';

const mallory = agentNumber(66);
const victim = agentNumber(67);

let world: SimMembers;
let node: Member;
let peer: RawNode;

beforeEach(async () => {
  world = new SimMembers();
  node = await world.member(1);
  peer = await RawNode.dial(world, node);
  await world.clock.advance(1000);
});

/** With another signature. */
function forged(record: { readonly bytes: Uint8Array }): Uint8Array {
  const bytes = Uint8Array.from(record.bytes);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}

function callFromMallory(): LinkMessage {
  const call = { from: mallory.agent, to: agentNumber(1).agent, fn: FN, payload: new Uint8Array() };
  return { kind: 'call', id: 1, call };
}

async function expectCutOff(reason: RefusalReason): Promise<void> {
  await world.clock.advance(1000);
  expect([peer.isClosed, node.links.refusals.all(), node.served]).toEqual([true, { [reason]: 1 }, []]);
  await expectNothingStored();
}

/** Nothing but the node's own record, and none of an agent. */
async function expectNothingStored(): Promise<void> {
  expect([...(await knownTo(node))]).toEqual([node.key]);
  for (const { agent } of [mallory, victim]) expect(await node.stores.agents.find(agent)).toBeUndefined();
}

describe('what comes with a proof', () => {
  const own = (): { agent: ReturnType<typeof agentRecord>; node: ReturnType<typeof nodeRecord> } => ({
    agent: agentRecord(mallory, peer.identity),
    node: nodeRecord(peer.identity),
  });
  const statements: readonly [string, () => Uint8Array][] = [
    ['is no statement', () => Uint8Array.of(1, 2, 3)],
    ['is of another version', () => encodeCanonical([2, own().agent.bytes, own().node.bytes])],
    ['lacks a record', () => encodeCanonical([1, own().agent.bytes])],
    ['has a forged record of the agent', () => encodeCanonical([1, forged(own().agent), own().node.bytes])],
    ['has a forged record of the node', () => encodeCanonical([1, own().agent.bytes, forged(own().node)])],
    [
      'has the record of another agent',
      () => encodeStatement({ ...own(), agent: agentRecord(victim, peer.identity) }),
    ],
    ['has the record of another node', () => encodeStatement({ ...own(), node: nodeRecord(nodeNumber(9)) })],
    ['has its records changed', () => encodeCanonical([1, own().node.bytes, own().agent.bytes])],
  ];
  it.each(statements)('cuts the peer off when it %s', async (_name, statement) => {
    peer.say(peer.prove(mallory, statement()), callFromMallory());
    await expectCutOff('bad-record');
  });

  it('cuts the peer off when it is longer than two records, before it is read', async () => {
    peer.say(peer.prove(mallory, new Uint8Array(2113)), callFromMallory());
    await expectCutOff('malformed-frame');
  });

  it('is not stored without a call that was answered', async () => {
    peer.say(peer.prove(mallory, encodeStatement(own())));
    await world.clock.advance(1000);
    await expectNothingStored();
    peer.say(callFromMallory());
    await world.clock.advance(1000);
    expect((await node.stores.agents.find(mallory.agent))?.record.content.node).toBe(peer.identity.key);
  });

  it('says that the agent is on another node: its call is refused as moved, and nothing is stored', async () => {
    const elsewhere = { ...own(), agent: agentRecord(mallory, nodeNumber(9)) };
    peer.say(peer.prove(mallory, encodeStatement(elsewhere)), callFromMallory());
    await world.clock.advance(1000);
    expect(peer.replies()).toMatchObject([{ outcome: { kind: 'refused', code: 'moved' } }]);
    expect([node.served, node.links.refusals.all()]).toEqual([[], { 'moved-caller': 1 }]);
    await expectNothingStored();
  });

  it('says that the agent has left: its call is refused as moved', async () => {
    const gone = { ...own(), agent: agentRecord(mallory, peer.identity, { tombstone: true }) };
    peer.say(peer.prove(mallory, encodeStatement(gone)), callFromMallory());
    await world.clock.advance(1000);
    expect(peer.replies()).toMatchObject([{ outcome: { kind: 'refused', code: 'moved' } }]);
    await expectNothingStored();
  });
});

describe('in the exchange of records', () => {
  const ask = (topic: string, payload: Uint8Array, id = 1): LinkMessage => ({
    kind: 'ask',
    id,
    topic,
    payload,
  });
  const digest = encodeDigest({ after: null, upTo: null, entries: [] });

  const broken: readonly [string, string, Uint8Array][] = [
    ['begins with no digest', BEGIN_TOPIC, Uint8Array.of(1)],
    ['begins with a delivery', BEGIN_TOPIC, encodeDelivery({ records: [] })],
  ];
  it.each(broken)('a peer that %s is cut off', async (_name, topic, payload) => {
    peer.say(ask(topic, payload));
    await expectCutOff('bad-exchange');
  });

  it('half a message is refused as half a frame', async () => {
    peer.channel.write(Uint8Array.of(1, 0, 8, 0, 0x83), () => undefined);
    peer.channel.end();
    await expectCutOff('half-frame');
  });

  it('a delivery that nobody asked for is not read: it is refused and counted', async () => {
    const records = [nodeRecord(nodeNumber(9)).bytes];
    peer.say(ask(DELIVER_TOPIC, encodeDelivery({ records })));
    await world.clock.advance(1000);
    expect(peer.replies()).toMatchObject([{ outcome: { kind: 'refused', code: 'no-round' } }]);
    expect(node.links.refusals.all()).toEqual({ 'bad-exchange': 1 });
    await expectNothingStored();
  });

  it('a delivery counts once: the same one again is not read', async () => {
    const delivery = encodeDelivery({ records: [nodeRecord(nodeNumber(9), { seq: 3 }).bytes] });
    const { seq, fingerprint } = { seq: 3, fingerprint: nodeRecord(nodeNumber(9), { seq: 3 }).fingerprint };
    const entries = [{ node: nodeNumber(9).key, seq, fingerprint, isForked: false }];
    peer.say(ask(BEGIN_TOPIC, encodeDigest({ after: null, upTo: null, entries }), 1));
    await world.clock.advance(1000);
    peer.say(ask(DELIVER_TOPIC, delivery, 2));
    await world.clock.advance(1000);
    peer.say(ask(DELIVER_TOPIC, delivery, 3));
    await world.clock.advance(1000);
    const outcomes = peer.replies().map((reply) => (reply.kind === 'reply' ? reply.outcome : null));
    expect(outcomes).toMatchObject([{ kind: 'ok' }, { kind: 'ok' }, { kind: 'refused', code: 'no-round' }]);
    expect([...(await knownTo(node))].sort()).toEqual([node.key, nodeNumber(9).key].sort());
  });

  it('a forged record among good ones cuts the peer off, and none is stored', async () => {
    const good = nodeRecord(nodeNumber(8));
    const bad = nodeRecord(nodeNumber(9));
    const entries = [good, bad]
      .map(({ content, fingerprint }) => ({ node: content.node, seq: 1, fingerprint, isForked: false }))
      .sort((a, b) => compareBytes(a.node, b.node));
    peer.say(ask(BEGIN_TOPIC, encodeDigest({ after: null, upTo: null, entries }), 1));
    await world.clock.advance(1000);
    peer.say(ask(DELIVER_TOPIC, encodeDelivery({ records: [good.bytes, forged(bad)] }), 2));
    await expectCutOff('bad-exchange');
  });

  const lies: readonly [string, () => Uint8Array][] = [
    [
      'with a forged record',
      () => encodeAnswer({ upTo: null, records: [forged(nodeRecord(nodeNumber(9)))], wants: [] }),
    ],
    ['with nothing that can be read', () => Uint8Array.of(0)],
    [
      'with a wish for what it was not offered',
      () => encodeAnswer({ upTo: null, records: [], wants: [nodeNumber(9).key] }),
    ],
    [
      'with a record that is too long',
      () => encodeAnswer({ upTo: null, records: [new Uint8Array(1025)], wants: [] }),
    ],
  ];
  it.each(lies)('a peer that answers %s is cut off', async (_name, lie) => {
    peer.answer = ({ topic }) => (topic === BEGIN_TOPIC ? lie() : null);
    await world.clock.advance(120_000);
    expect([peer.isClosed, node.links.refusals.all()]).toEqual([true, { 'bad-exchange': 1 }]);
    await expectNothingStored();
  });

  it('a flood of questions is refused as busy, and others are served meanwhile', async () => {
    const flood = Array.from({ length: 700 }, (_, id) => ask(BEGIN_TOPIC, digest, id));
    for (let sent = 0; sent < flood.length; sent += 50) {
      peer.say(...flood.slice(sent, sent + 50));
      await world.clock.advance(50);
    }
    const friend = await world.member(2, { bootstrap: [at(1)] });
    await world.until(async () => (await knownTo(friend)).has(node.key));
    expect(node.links.refusals.countOf('busy')).toBeGreaterThanOrEqual(100);
    expect(
      peer.replies().filter((reply) => reply.kind === 'reply' && reply.outcome.kind === 'ok').length,
    ).toBeLessThan(601);
  });

  it('a peer that lies to many gets nowhere: they know each other, and nothing that nobody has signed', async () => {
    const members = await world.star(8);
    const liars = await Promise.all(
      members.map(async (member, number) => {
        const liar = await RawNode.dial(world, member, `liar ${number}`);
        // Another address for the second node, which has not signed it.
        const lie = forged(nodeRecord(nodeNumber(2), { seq: 9, addresses: ['sim://liar'] }));
        liar.answer = () => encodeAnswer({ upTo: null, records: [lie], wants: [] });
        return liar;
      }),
    );
    const everybody = async (): Promise<boolean> => {
      const known = await Promise.all(members.map(knownTo));
      return known.every((nodes) => members.every(({ key }) => nodes.has(key)));
    };
    await world.until(everybody);
    await world.until(() => liars.every(({ isClosed }) => isClosed));
    for (const member of members) {
      const nodes = new Set(members.map(({ key }) => key));
      expect([...(await knownTo(member))].every((known) => nodes.has(known))).toBe(true);
      expect(member.links.refusals.all()).toEqual({ 'bad-exchange': 1 });
    }
  });

  it('needs no more of a store than its limits, however much a peer tells', async () => {
    const limits = { maxRecords: 10, maxBytes: 100_000 };
    const small = await world.member(3, { limits });
    const loud = await RawNode.dial(world, small, 'loud');
    const all = Array.from({ length: 100 }, (_, number) => nodeRecord(nodeNumber(100 + number)));
    const entries = all
      .map(({ content, fingerprint }) => ({ node: content.node, seq: 1, fingerprint, isForked: false }))
      .sort((a, b) => compareBytes(a.node, b.node));
    loud.say(ask(BEGIN_TOPIC, encodeDigest({ after: null, upTo: null, entries }), 1));
    await world.clock.advance(1000);
    // As many as the node asks for at once.
    const wanted = new Set(entries.slice(0, 20).map((entry) => entry.node));
    const records = all.filter(({ content }) => wanted.has(content.node)).map(({ bytes }) => bytes);
    loud.say(ask(DELIVER_TOPIC, encodeDelivery({ records }), 2));
    await world.clock.advance(1000);
    expect((await knownTo(small)).size).toBeLessThanOrEqual(limits.maxRecords);
    expect((await knownTo(small)).has(small.key)).toBe(true);
  });
});

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'base64url'), Buffer.from(b, 'base64url'));
}
