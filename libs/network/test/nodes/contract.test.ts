import { describe, expect, it } from '@jest/globals';
import {
  FaultPlan,
  FaultyRemoteCalls,
  type NetworkFaultRule,
  type TappedCall,
  TappedRemoteCalls,
} from '@musubi/network';
import { describeRemoteCalls } from '../support/remote-calls-contract.js';
import { SimWorld, agentFromSeed, callBetween } from './support/sim-nodes.js';

/** Longer than whatever a call leaves for a while, and shorter than a call may take. */
const AFTERWARDS_MS = 4000;

describeRemoteCalls('between nodes', async () => {
  const world = new SimWorld();
  const [here, there] = [await world.node(1), await world.node(2)];
  const absent = agentFromSeed(3).agent;
  world.book.set(absent, there.place);
  // The link and its keep-alive have timers of their own.
  await world.clock.run(here.calls.call(callBetween(here, there)));
  await world.clock.advance(AFTERWARDS_MS);
  const before = world.clock.sleeping;
  return {
    alice: here.home.agent,
    bob: there.home.agent,
    absent,
    serve: (fn, answer) => there.calls.serve(fn, answer),
    call: (call) => world.clock.run(here.calls.call(call)),
    callInVain: (call) => world.clock.run(here.calls.call(call)),
    timers: async () => {
      await world.clock.advance(AFTERWARDS_MS);
      return world.clock.sleeping - before;
    },
  };
});

describe('calls between nodes', () => {
  it('can be made to fail, and be tapped, as others can', async () => {
    const world = new SimWorld();
    const [here, there] = [await world.node(1), await world.node(2)];
    world.echo(there);
    const heard: TappedCall[] = [];
    const plan = new FaultPlan<NetworkFaultRule>(() => 0);
    const tapped = new TappedRemoteCalls(here.calls, world.clock, (call) => heard.push(call));
    const calls = new FaultyRemoteCalls(tapped, plan, world.clock);
    const kinds = [];
    for (const kind of ['not-sent', 'reply-lost', 'duplicate'] as const) {
      plan.set([{ fault: { kind }, times: 1 }]);
      kinds.push((await world.clock.run(calls.call(callBetween(here, there)))).kind);
    }
    expect([kinds, there.served.length, heard.map(({ replyBytes }) => replyBytes)]).toEqual([
      ['not-sent', 'unknown', 'ok'],
      3,
      [3, 3, 3],
    ]);
  });
});
