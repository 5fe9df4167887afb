import { beforeEach, describe, expect, it } from '@jest/globals';
import { HeadMovedError, InvalidMessageError } from '@musubi/messaging';
import { type RemoteCall } from '@musubi/network';
import { deferred } from './support/deferred.js';
import { FN, type Wire, agentOf, bob, callTo, openWire } from './support/wire.js';

const echo = (call: RemoteCall): Promise<Uint8Array> => Promise.resolve(call.payload);

describe('a remote call in one process', () => {
  let wire: Wire;
  beforeEach(() => {
    wire = openWire();
  });

  it('ends ok with the reply of the callee', async () => {
    wire.calls.serve(FN, (call) => Promise.resolve(call.payload.map((byte) => byte * 2)));
    expect(await wire.calls.call(callTo(bob))).toEqual({ kind: 'ok', reply: Uint8Array.of(2, 4, 6) });
  });

  it('hands the callee the call as it was made', async () => {
    const received: RemoteCall[] = [];
    wire.calls.serve(FN, (call) => {
      received.push(call);
      return echo(call);
    });
    await wire.calls.call(callTo(bob));
    expect(received).toEqual([callTo(bob)]);
  });

  it('is not sent to an agent that is offline', async () => {
    const received: RemoteCall[] = [];
    wire.calls.serve(FN, (call) => {
      received.push(call);
      return echo(call);
    });
    const outcome = await wire.calls.call(callTo(agentOf(3)));
    expect(outcome.kind).toBe('not-sent');
    expect(received).toEqual([]);
  });

  it('is not sent when nobody serves the function', async () => {
    expect((await wire.calls.call(callTo(bob))).kind).toBe('not-sent');
  });

  it('ends refused with the code of a protocol error', async () => {
    wire.calls.serve(FN, () => Promise.reject(new InvalidMessageError('no')));
    const outcome = await wire.calls.call(callTo(bob));
    expect(outcome).toEqual({ kind: 'refused', code: 'invalid-message', retryable: false });
  });

  it('tells of a refusal whether it may pass later', async () => {
    wire.calls.serve(FN, () => Promise.reject(new HeadMovedError('busy')));
    expect(await wire.calls.call(callTo(bob))).toMatchObject({ kind: 'refused', retryable: true });
  });

  it('ends unknown when the callee fails in any other way', async () => {
    wire.calls.serve(FN, () => Promise.reject(new Error('connection lost on COMMIT')));
    expect((await wire.calls.call(callTo(bob))).kind).toBe('unknown');
  });

  it('says nothing of what failed inside the callee', async () => {
    wire.calls.serve(FN, () => Promise.reject(new Error('secret')));
    expect(JSON.stringify(await wire.calls.call(callTo(bob)))).not.toContain('secret');
  });

  it('ends unknown, and does not reject, when the callee throws before its first await', async () => {
    wire.calls.serve(FN, () => {
      throw new Error('at once');
    });
    expect((await wire.calls.call(callTo(bob))).kind).toBe('unknown');
  });

  it('leaves no timer behind once it is answered', async () => {
    wire.calls.serve(FN, echo);
    await wire.calls.call(callTo(bob));
    expect(wire.clock.sleeping).toBe(0);
  });
});

describe('a remote call that times out', () => {
  it('ends unknown', async () => {
    const { calls, clock } = openWire();
    calls.serve(FN, () => deferred<Uint8Array>().promise);
    const outcome = calls.call(callTo(bob));
    clock.wakeAll();
    expect((await outcome).kind).toBe('unknown');
  });

  it('lets the callee finish its work', async () => {
    const { calls, clock } = openWire();
    const [gate, work] = [deferred<undefined>(), deferred<string>()];
    calls.serve(FN, async (call) => {
      await gate.promise;
      work.resolve('committed');
      return call.payload;
    });
    const outcome = calls.call(callTo(bob));
    clock.wakeAll();
    await outcome;
    gate.resolve(undefined);
    expect(await work.promise).toBe('committed');
  });

  it('stays unknown when the callee refuses too late', async () => {
    const { calls, clock } = openWire();
    const gate = deferred<Uint8Array>();
    calls.serve(FN, () => gate.promise);
    const outcome = calls.call(callTo(bob));
    clock.wakeAll();
    expect((await outcome).kind).toBe('unknown');
    gate.reject(new HeadMovedError('late'));
    await expect(gate.promise).rejects.toThrow('late');
  });
});

describe('serving a function', () => {
  it('is refused while somebody serves it', () => {
    const { calls } = openWire();
    calls.serve(FN, echo);
    expect(() => calls.serve(FN, echo)).toThrow('already served');
  });

  it('ends with unserve', async () => {
    const { calls } = openWire();
    const unserve = calls.serve(FN, echo);
    unserve();
    expect((await calls.call(callTo(bob))).kind).toBe('not-sent');
  });

  it('can be taken up again after unserve', async () => {
    const { calls } = openWire();
    calls.serve(FN, echo)();
    calls.serve(FN, echo);
    expect((await calls.call(callTo(bob))).kind).toBe('ok');
  });

  it('is not ended by the unserve of whoever served it before', async () => {
    const { calls } = openWire();
    const unserve = calls.serve(FN, echo);
    unserve();
    calls.serve(FN, echo);
    unserve();
    expect((await calls.call(callTo(bob))).kind).toBe('ok');
  });
});
