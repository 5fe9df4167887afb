import { beforeEach, describe, expect, it } from '@jest/globals';
import { agentNumber, agentRecord } from '../support/people.js';
import { type Member, SimMembers } from '../support/sim-members.js';

const alice = agentNumber(1);
const bob = agentNumber(2);
let world: SimMembers;
let here: Member;
let there: Member;

beforeEach(async () => {
  world = new SimMembers();
  [here, there] = [await world.member(1), await world.member(2)];
  await world.giveCard(there, here);
});

describe('an agent whose card was taken on one side only', () => {
  it('can be called back as soon as it was answered, also when the link has ended', async () => {
    expect((await world.call(there, 1)).kind).toBe('not-sent');
    expect((await world.call(here, 2)).kind).toBe('ok');
    here.links.cutOff(there.key, 'silent');
    await world.clock.advance(1000);
    expect(await world.call(there, 1)).toEqual({ kind: 'ok', reply: Uint8Array.of(1) });
    expect(there.told).toEqual([alice.agent]);
  });

  it('is not stored, nor its node, when its call was refused', async () => {
    there.unlocked.clear();
    expect((await world.call(here, 2)).kind).toBe('not-sent');
    expect([await there.stores.agents.find(alice.agent), there.told]).toEqual([undefined, []]);
  });

  it('is stored as what its node told: a flood displaces itself, and no card', async () => {
    await world.call(here, 2);
    expect((await there.stores.agents.find(alice.agent))?.isPinned).toBe(false);
    expect((await here.stores.agents.find(bob.agent))?.isPinned).toBe(true);
  });
});

describe('an agent that has moved', () => {
  let next: Member;

  beforeEach(async () => {
    await world.call(here, 2);
    next = await world.member(3, { agents: [1] });
    const record = (await here.stores.agents.find(alice.agent))?.record;
    if (record === undefined) throw new Error('a record');
    await next.stores.agents.put(record, null);
    await next.membership.announce(alice, { isMoving: true });
    await world.giveCard(there, next, 2);
  });

  it('is known to be there once it has called from there, and its old home is refused as moved', async () => {
    const call = { from: alice.agent, to: bob.agent, fn: 'test/number', payload: new Uint8Array() };
    expect((await world.clock.run(next.calls.call(call))).kind).toBe('ok');
    there.served.length = 0;
    expect(await world.call(here, 2)).toEqual({ kind: 'refused', code: 'moved', retryable: true });
    expect([there.served, there.links.refusals.countOf('moved-caller')]).toEqual([[], 1]);
    expect(await world.call(there, 1)).toEqual({ kind: 'ok', reply: Uint8Array.of(3) });
  });

  it('tells its old home so when it calls somebody there', async () => {
    await here.membership.announce(agentNumber(5));
    here.unlocked.set(agentNumber(5).agent, agentNumber(5));
    await world.giveCard(here, next, 5);
    const call = {
      from: alice.agent,
      to: agentNumber(5).agent,
      fn: 'test/number',
      payload: new Uint8Array(),
    };
    expect((await world.clock.run(next.calls.call(call))).kind).toBe('ok');
    await world.clock.advance(100);
    expect(here.moved).toEqual([[alice.agent, next.key]]);
    expect(await here.membership.announce(alice)).toMatchObject({ kind: 'elsewhere' });
  });

  it('is refused where its own record names another node', async () => {
    // Its old home has learned that it moved, and still lets it call.
    const moved = agentRecord(alice, next.identity, { seq: 9 });
    await there.stores.agents.put(moved, null);
    there.links.reconsider(alice.agent);
    expect(await world.call(here, 2)).toMatchObject({ kind: 'refused', code: 'moved' });
  });
});
