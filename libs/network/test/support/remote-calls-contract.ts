import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentPubKey, HeadMovedError, InvalidMessageError } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteFunction,
  type StopServing,
} from '@musubi/network';
import { deferred } from '../../../../test/support/deferred.js';

/** A way to call, as the contract sees it: Alice can call Bob, who is online. */
interface ContractWire {
  readonly alice: AgentPubKey;
  readonly bob: AgentPubKey;
  /** An agent that is offline. */
  readonly absent: AgentPubKey;
  /** Serves a function where Bob is. */
  serve(fn: string, answer: RemoteFunction): StopServing;
  /** Calls from where Alice is. Ends when the call does. */
  call(call: RemoteCall): Promise<RemoteCallOutcome>;
  /** The same, and lets the time run out that a caller waits. */
  callInVain(call: RemoteCall): Promise<RemoteCallOutcome>;
  /** How many timers of calls are left. */
  timers(): Promise<number>;
}

const FN = 'test/double';

const echo = (call: RemoteCall): Promise<Uint8Array> => Promise.resolve(call.payload);

/** What all remote calls keep, wherever the callee is. */
export function describeRemoteCalls(name: string, open: () => Promise<ContractWire>): void {
  let wire: ContractWire;
  beforeEach(async () => {
    wire = await open();
  });

  const callTo = (to: AgentPubKey): RemoteCall => ({
    from: wire.alice,
    to,
    fn: FN,
    payload: Uint8Array.of(1, 2, 3),
  });

  describe(`a remote call ${name}`, () => {
    it('ends ok with the reply of the callee', async () => {
      wire.serve(FN, (call) => Promise.resolve(call.payload.map((byte) => byte * 2)));
      expect(await wire.call(callTo(wire.bob))).toEqual({ kind: 'ok', reply: Uint8Array.of(2, 4, 6) });
    });

    it('hands the callee the call as it was made', async () => {
      const received: RemoteCall[] = [];
      wire.serve(FN, (call) => {
        received.push(call);
        return echo(call);
      });
      await wire.call(callTo(wire.bob));
      expect(received).toEqual([callTo(wire.bob)]);
    });

    it('is not sent to an agent that is offline', async () => {
      const received: RemoteCall[] = [];
      wire.serve(FN, (call) => {
        received.push(call);
        return echo(call);
      });
      const outcome = await wire.call(callTo(wire.absent));
      expect(outcome.kind).toBe('not-sent');
      expect(received).toEqual([]);
    });

    it('is not sent when nobody serves the function', async () => {
      expect((await wire.call(callTo(wire.bob))).kind).toBe('not-sent');
    });

    it('ends refused with the code of a protocol error', async () => {
      wire.serve(FN, () => Promise.reject(new InvalidMessageError('no')));
      const outcome = await wire.call(callTo(wire.bob));
      expect(outcome).toEqual({ kind: 'refused', code: 'invalid-message', retryable: false });
    });

    it('tells of a refusal whether it may pass later', async () => {
      wire.serve(FN, () => Promise.reject(new HeadMovedError('busy')));
      expect(await wire.call(callTo(wire.bob))).toMatchObject({ kind: 'refused', retryable: true });
    });

    it('ends unknown when the callee fails in any other way', async () => {
      wire.serve(FN, () => Promise.reject(new Error('connection lost on COMMIT')));
      expect((await wire.call(callTo(wire.bob))).kind).toBe('unknown');
    });

    it('says nothing of what failed inside the callee', async () => {
      wire.serve(FN, () => Promise.reject(new Error('secret')));
      expect(JSON.stringify(await wire.call(callTo(wire.bob)))).not.toContain('secret');
    });

    it('ends unknown, and does not reject, when the callee throws before its first await', async () => {
      wire.serve(FN, () => {
        throw new Error('at once');
      });
      expect((await wire.call(callTo(wire.bob))).kind).toBe('unknown');
    });

    it('leaves no timer behind once it is answered', async () => {
      wire.serve(FN, echo);
      await wire.call(callTo(wire.bob));
      expect(await wire.timers()).toBe(0);
    });
  });

  describe(`a remote call ${name} that times out`, () => {
    it('ends unknown', async () => {
      wire.serve(FN, () => deferred<Uint8Array>().promise);
      expect((await wire.callInVain(callTo(wire.bob))).kind).toBe('unknown');
    });

    it('lets the callee finish its work', async () => {
      const [gate, work] = [deferred<undefined>(), deferred<string>()];
      wire.serve(FN, async (call) => {
        await gate.promise;
        work.resolve('committed');
        return call.payload;
      });
      await wire.callInVain(callTo(wire.bob));
      gate.resolve(undefined);
      expect(await work.promise).toBe('committed');
    });

    it('stays unknown when the callee refuses too late', async () => {
      const gate = deferred<Uint8Array>();
      wire.serve(FN, () => gate.promise);
      expect((await wire.callInVain(callTo(wire.bob))).kind).toBe('unknown');
      gate.reject(new HeadMovedError('late'));
      await expect(gate.promise).rejects.toThrow('late');
    });
  });

  describe(`serving a function ${name}`, () => {
    it('is refused while somebody serves it', () => {
      wire.serve(FN, echo);
      expect(() => wire.serve(FN, echo)).toThrow('already served');
    });

    it('ends with unserve', async () => {
      const stopServing = wire.serve(FN, echo);
      stopServing();
      expect((await wire.call(callTo(wire.bob))).kind).toBe('not-sent');
    });

    it('can be taken up again after unserve', async () => {
      wire.serve(FN, echo)();
      wire.serve(FN, echo);
      expect((await wire.call(callTo(wire.bob))).kind).toBe('ok');
    });

    it('is not ended by the unserve of an earlier server', async () => {
      const stopServing = wire.serve(FN, echo);
      stopServing();
      wire.serve(FN, echo);
      stopServing();
      expect((await wire.call(callTo(wire.bob))).kind).toBe('ok');
    });
  });
}
