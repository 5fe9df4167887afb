import { beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidMessageError } from '@musubi/messaging';
import { type TappedCall, TappedRemoteCalls } from '@musubi/network';
import { FN, type Wire, agentOf, alice, bob, callTo, openWire } from './support/wire.js';

describe('remote calls with somebody listening', () => {
  let wire: Wire;
  let heard: TappedCall[];
  let calls: TappedRemoteCalls;

  beforeEach(() => {
    wire = openWire();
    heard = [];
    calls = new TappedRemoteCalls(wire.calls, wire.clock, (call) => heard.push(call));
  });

  it('show who called whom, when, and the lengths of call and reply, and change nothing', async () => {
    calls.serve(FN, () => Promise.resolve(new Uint8Array(40)));
    const before = wire.clock.now();
    const outcome = await calls.call(callTo(bob));

    expect(outcome).toEqual({ kind: 'ok', reply: new Uint8Array(40) });
    expect(heard).toEqual([{ from: alice, to: bob, at: before + 1, requestBytes: 3, replyBytes: 40 }]);
  });

  it('show a refusal as the reply that it is', async () => {
    calls.serve(FN, () => Promise.reject(new InvalidMessageError('no')));
    await calls.call(callTo(bob));
    expect(heard.map(({ replyBytes }) => replyBytes)).toEqual(['invalid-message'.length]);
  });

  it('show a call whose reply never came', async () => {
    calls.serve(FN, () => Promise.reject(new Error('cut')));
    await calls.call(callTo(bob));
    expect(heard.map(({ replyBytes }) => replyBytes)).toEqual([null]);
  });

  it('show nothing of a call that never left', async () => {
    await calls.call(callTo(agentOf(3)));
    expect(heard).toEqual([]);
  });
});
