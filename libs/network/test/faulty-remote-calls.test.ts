import { describe, expect, it } from '@jest/globals';
import { type AgentPubKey, SystemClock, parseAgentPubKey } from '@musubi/messaging';
import {
  FaultPlan,
  FaultyRemoteCalls,
  InProcessRemoteCalls,
  type NetworkFault,
  type NetworkFaultRule,
} from '../src/index.js';

const ALICE = parseAgentPubKey('A'.repeat(43));
const BOB = parseAgentPubKey('E'.repeat(43));
const CAROL = parseAgentPubKey('I'.repeat(43));

interface Line {
  readonly calls: FaultyRemoteCalls;
  readonly plan: FaultPlan<NetworkFaultRule>;
  /** The payload's first byte of each call that arrived. */
  readonly arrived: number[];
  readonly send: (byte: number, to?: AgentPubKey) => ReturnType<FaultyRemoteCalls['call']>;
}

function openLine(random: () => number = () => 0): Line {
  const clock = new SystemClock(() => performance.now());
  const plan = new FaultPlan<NetworkFaultRule>(random);
  const inner = new InProcessRemoteCalls({ presence: { isOnline: () => true }, clock, timeoutMs: 5_000 });
  const calls = new FaultyRemoteCalls(inner, plan, clock);
  const arrived: number[] = [];
  calls.serve('post/take', ({ payload }) => {
    arrived.push(payload[0] ?? -1);
    return Promise.resolve(payload);
  });
  const send: Line['send'] = (byte, to = BOB) =>
    calls.call({ from: ALICE, to, fn: 'post/take', payload: Uint8Array.of(byte) });
  return { calls, plan, arrived, send };
}

describe('remote calls with faults', () => {
  const cases: readonly [NetworkFault, string, number[]][] = [
    [{ kind: 'not-sent' }, 'not-sent', []],
    [{ kind: 'refused', code: 'head-moved', retryable: true }, 'refused', []],
    [{ kind: 'reply-lost' }, 'unknown', [1]],
    [{ kind: 'delay', ms: 1 }, 'ok', [1]],
    [{ kind: 'duplicate' }, 'ok', [1, 1]],
    [{ kind: 'reorder', ms: 1 }, 'ok', [1]],
  ];
  it.each(cases)('%j ends as %s', async (fault, outcome, arrivals) => {
    const { plan, arrived, send } = openLine();
    plan.set([{ fault }]);

    expect((await send(1)).kind).toBe(outcome);
    expect(arrived).toEqual(arrivals);
  });

  it('spares the first so many calls, and counts how often a fault struck', async () => {
    const { plan, arrived, send } = openLine();
    plan.set([{ fault: { kind: 'not-sent' }, after: 2, times: 1 }]);
    for (const byte of [1, 2, 3, 4]) await send(byte);

    expect([arrived, plan.struck]).toEqual([[1, 2, 4], 1]);
  });

  it('lets a call be overtaken by the next one to the same agent', async () => {
    const { plan, arrived, send } = openLine();
    plan.set([{ fault: { kind: 'reorder', ms: 60_000 }, times: 1 }]);
    const first = send(1);
    await send(9, CAROL);
    await send(2);

    expect((await first).kind).toBe('ok');
    expect(arrived).toEqual([9, 2, 1]);
  });

  it('strikes only what its rule names, and only so often', async () => {
    const { plan, send } = openLine();
    plan.set([{ fault: { kind: 'not-sent' }, fn: 'post/take', to: CAROL, times: 1 }]);

    const kinds = [await send(1), await send(2, CAROL), await send(3, CAROL)].map(({ kind }) => kind);

    expect(kinds).toEqual(['ok', 'not-sent', 'ok']);
  });

  it('strikes with its probability, and alike for the same randomness', async () => {
    const strikes = async (): Promise<string[]> => {
      const draws = [0.1, 0.9, 0.4, 0.6];
      const { plan, send } = openLine(() => draws.shift() ?? 1);
      plan.set([{ fault: { kind: 'not-sent' }, probability: 0.5 }]);
      return [await send(1), await send(2), await send(3), await send(4)].map(({ kind }) => kind);
    };

    expect(await strikes()).toEqual(['not-sent', 'ok', 'not-sent', 'ok']);
    expect(await strikes()).toEqual(await strikes());
  });
});
