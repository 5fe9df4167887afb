import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from '@musubi/crypto';
import { SystemClock } from '@musubi/messaging';
import { type NetworkFaultRule } from '@musubi/network';
import { type LoadRun, loadPlacement } from '../../src/comparison/load.js';
import { holds } from '../../src/figures/integrity.js';
import { MachineWatch } from '../../src/machine/machine-watch.js';
import { LabNode } from '../../src/node/lab-node.js';
import { LoadActs } from '../../src/simulation/load-acts.js';
import { type Send } from '../../src/workloads/workload.js';
import { FakeProc } from '../machine/fake-proc.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const SENDS: readonly Send[] = [0, 1, 2, 0].map((from) => ({
  kind: 'send',
  at: 0,
  from,
  to: (from + 1) % 3,
}));

let server: TestLabServer;
let proc: FakeProc;
beforeEach(() => {
  server = new TestLabServer();
  proc = new FakeProc();
});
afterEach(async () => {
  await server.close();
  proc.remove();
});

async function loaded(variant: string, faults: readonly NetworkFaultRule[]) {
  const node = await LabNode.open({
    db: await server.open({ poolSize: 10, isDurable: true }),
    variant: variantNamed(variant),
    clock: new SystemClock(() => performance.timeOrigin + performance.now()),
    random: randomBytes,
    chance: () => 0.5,
    callTimeoutMs: 60_000,
  });
  try {
    await node.addAgents(3);
    const acts = new LoadActs(node, () => 0.5);
    node.networkFaults.set(faults);
    const { delivered } = await acts.backToBack(SENDS, 1);
    return { delivered, ...acts.takeTally(), hasHung: acts.hasHung };
  } finally {
    await node.close();
  }
}

describe('the acts of a load', () => {
  it('are all waited for, however long each takes', async () => {
    const slow = await loaded('source-chain', [{ fault: { kind: 'delay', ms: 1500 } }]);

    expect(slow).toEqual({
      ...{ delivered: 4, acts: 4, attempts: 12, headMoved: 0 },
      ...{ gaveUp: 0, firstError: null, hasHung: false },
    });
  });

  it('are given up after five attempts of which nobody knows how they ended', async () => {
    const deaf = await loaded('source-chain', [{ fault: { kind: 'reply-lost' } }]);

    expect(deaf).toMatchObject({ delivered: 0, gaveUp: 4, firstError: 'RemoteCallUnknownError' });
    expect(deaf.attempts).toBe(4 * (1 + 5));
  });

  it('are given up when all is over, and nobody heard of the delivery', async () => {
    const lost = await loaded('source-chain/post-commit', [{ fault: { kind: 'not-sent' } }]);

    expect(lost).toMatchObject({ delivered: 0, gaveUp: 4, firstError: 'never heard of', hasHung: false });
  });
});

describe('a load', () => {
  const measured = (machine: MachineWatch): Promise<LoadRun> =>
    loadPlacement(
      { server, variant: variantNamed('pairwise-dht'), machine },
      { concurrency: 2, sends: SENDS, agents: 3, seed: 1 },
    );

  it('is measured again, and does not count in the end, beside a machine that is never idle', async () => {
    proc.machine({ idle: 1000 });
    proc.process({ pid: 50, parent: 1, ran: 0 });
    const { point, integrity } = await measured(new MachineWatch({ root: 50, proc: proc.path }));

    expect(point).toMatchObject({
      notValid: 'others used 100 % of the CPU time, more than 5 %',
      ...{ repeatedRounds: 3, rounds: 4, gaveUp: 0 },
    });
    expect(holds(integrity)).toBe(true);
  });

  it('has medians over six rounds that lie within their intervals', async () => {
    const { point } = await measured(new MachineWatch({ proc: `${proc.path}/none` }));
    const { rounds, actsPerSecond, actsPerSecondInterval, delivered, acts, gaveUp } = point;

    expect([acts, gaveUp]).toEqual([8 * rounds, 0]);
    expect(actsPerSecond).toBeGreaterThanOrEqual(actsPerSecondInterval[0]);
    expect(actsPerSecond).toBeLessThanOrEqual(actsPerSecondInterval[1]);
    expect(delivered?.p95).toBeLessThanOrEqual(delivered?.p95Interval[1] ?? 0);
  });
});
