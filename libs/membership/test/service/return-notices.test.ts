import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentKeys, fromBase64Url } from '@musubi/crypto';
import { BACK_TOPIC, VainCalls } from '@musubi/membership';
import { type LinkMessage } from '@musubi/network/nodes';
import { agentNumber, agentRecord, nodeNumber } from '../support/people.js';
import { RawNode } from '../support/raw-node.js';
import { type Member, SimMembers } from '../support/sim-members.js';

const bob = agentNumber(2);
let world: SimMembers;
let here: Member;
let there: Member;

beforeEach(async () => {
  world = new SimMembers();
  [here, there] = [await world.member(1), await world.member(2)];
  await world.giveCard(there, here);
});

function signOut(): void {
  there.unlocked.clear();
}

async function signIn(): Promise<void> {
  there.unlocked.set(bob.agent, bob);
  there.membership.tellOfReturn(bob.agent);
  await world.clock.advance(1000);
}

const notice = (payload: Uint8Array, id = 1): LinkMessage => ({
  kind: 'ask',
  id,
  topic: BACK_TOPIC,
  payload,
});
const noticeOf = ({ agent }: AgentKeys, id = 1): LinkMessage => notice(fromBase64Url(agent), id);

describe('an agent that comes online on a node that was linked all the time', () => {
  it('is back, for the node that has called it in vain, once for each such time', async () => {
    signOut();
    expect((await world.call(here, 2)).kind).toBe('not-sent');
    await world.call(here, 2);
    await signIn();
    expect(here.back).toEqual([bob.agent]);
    await signIn();
    expect(here.back).toEqual([bob.agent]);
    signOut();
    await world.call(here, 2);
    await signIn();
    expect(here.back).toEqual([bob.agent, bob.agent]);
  });

  it('is not mentioned to a node that has called nobody, another agent, or the agent while it was online', async () => {
    const silent = await RawNode.dial(world, there, 'silent');
    const other = await world.member(3);
    await world.giveCard(there, other);
    expect((await world.call(other, 2)).kind).toBe('ok');
    await there.membership.announce(agentNumber(4));
    const caller = await world.member(5);
    there.unlocked.set(agentNumber(4).agent, agentNumber(4));
    await world.giveCard(there, caller, 4);
    signOut();
    expect((await world.call(caller, 4)).kind).toBe('not-sent');
    await signIn();
    expect([other.back, caller.back]).toEqual([[], []]);
    expect(silent.heard.filter((message) => message.kind === 'ask' && message.topic === BACK_TOPIC)).toEqual(
      [],
    );
    expect([other, caller].map(({ links }) => links.isLinked(there.key))).toEqual([true, true]);
  });

  it('needs no notice where the link has ended: the next one makes everything there due', async () => {
    signOut();
    await world.call(here, 2);
    const heard = here.heard.length;
    there.links.cutOff(here.key, 'silent');
    await signIn();
    await world.until(() => here.links.isLinked(there.key));
    expect([here.back, here.heard.slice(heard)]).toEqual([[], expect.arrayContaining([there.key])]);
    expect(there.logged).not.toContain('membership-failed');
  });

  it('does not keep its node from stopping, when a peer does not answer', async () => {
    signOut();
    await world.call(here, 2);
    world.network.freeze(here.name);
    there.unlocked.set(bob.agent, bob);
    there.membership.tellOfReturn(bob.agent);
    await there.stop();
    expect([here.back, there.logged]).toEqual([[], expect.not.arrayContaining(['membership-failed'])]);
  });
});

describe('a notice', () => {
  let peer: RawNode;

  beforeEach(async () => {
    peer = await RawNode.dial(world, here);
    await world.clock.advance(1000);
  });

  async function answersTo(...messages: readonly LinkMessage[]): Promise<readonly unknown[]> {
    peer.say(...messages);
    await world.clock.advance(1000);
    return peer.replies().map((reply) => reply.kind === 'reply' && reply.outcome);
  }

  const SAME = { kind: 'ok', reply: new Uint8Array() };

  it('of an agent of that node counts', async () => {
    await here.stores.agents.put(agentRecord(agentNumber(66), peer.identity), null);
    expect(await answersTo(noticeOf(agentNumber(66)))).toEqual([SAME]);
    expect(here.back).toEqual([agentNumber(66).agent]);
  });

  it('of anybody else does nothing, and the answer says nothing of whom this node knows', async () => {
    const [left, moved] = [agentNumber(66), agentNumber(67)];
    await here.stores.agents.put(agentRecord(left, peer.identity, { tombstone: true }), null);
    await here.stores.agents.put(agentRecord(moved, peer.identity), null);
    await here.stores.agents.put(agentRecord(moved, nodeNumber(9), { seq: 2 }), null);
    const all = [bob, left, moved, agentNumber(1), agentNumber(99)];
    expect(await answersTo(...all.map((agent, id) => noticeOf(agent, id)))).toEqual(all.map(() => SAME));
    expect([here.back, here.links.refusals.all()]).toEqual([[], {}]);
  });

  it.each([0, 31, 33, 65_536])('with %i bytes instead of a key cuts the peer off', async (length) => {
    await answersTo(notice(new Uint8Array(length)));
    expect([peer.isClosed, here.links.refusals.all(), here.back]).toEqual([true, { 'bad-notice': 1 }, []]);
  });

  it('counts as a question: a flood is refused as busy', async () => {
    await here.stores.agents.put(agentRecord(agentNumber(66), peer.identity), null);
    for (let sent = 0; sent < 700; sent += 50) {
      peer.say(...Array.from({ length: 50 }, (_, id) => noticeOf(agentNumber(66), sent + id)));
      await world.clock.advance(50);
    }
    expect(here.back).toHaveLength(600);
    expect(here.links.refusals.all()).toEqual({ busy: 100 });
  });
});

describe('what is remembered of calls in vain', () => {
  const [one, two, three] = [nodeNumber(1).key, nodeNumber(2).key, nodeNumber(3).key] as const;
  const agents = [1, 2, 3].map((number) => agentNumber(number).agent) as [
    AgentKeys['agent'],
    AgentKeys['agent'],
    AgentKeys['agent'],
  ];
  let calls: VainCalls;

  beforeEach(() => {
    calls = new VainCalls({ peers: 2, agentsOfPeer: 2 });
  });

  it('is so many agents of a peer, and the eldest is forgotten', () => {
    calls.note(two, agents[0]);
    for (const agent of [agents[0], agents[1], agents[0], agents[2]]) calls.note(one, agent);
    expect(agents.map((agent) => calls.take(agent))).toEqual([[two, one], [], [one]]);
    expect(agents.map((agent) => calls.take(agent))).toEqual([[], [], []]);
  });

  it('is so many peers, and the one that has called least lately is forgotten', () => {
    for (const peer of [one, two, one, three]) calls.note(peer, agents[0]);
    expect(calls.take(agents[0])).toEqual([one, three]);
  });

  it('is nothing of a peer that has gone', () => {
    for (const peer of [one, two]) calls.note(peer, agents[0]);
    calls.forget(one);
    expect(calls.take(agents[0])).toEqual([two]);
  });
});
