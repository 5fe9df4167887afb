import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Exposure, truthOf } from '../../src/figures/exposure.js';
import { simulate } from '../../src/simulation/simulation.js';
import { workloadOf } from '../../src/workloads/workload.js';
import { SEED, exposureOf, truth } from '../support/exposures.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

let server: TestLabServer;

beforeEach(() => {
  server = new TestLabServer();
});

afterEach(() => server.close());

describe('what a party reads', () => {
  it('is of its own messages for one of the conversants, and of none for all others', async () => {
    for (const variant of ['source-chain', 'pairwise-dht', 'global-dht']) {
      const reports = await exposureOf(server, variant);
      const busiest = Math.max(
        ...Array.from({ length: truth.agents }, (_, agent) =>
          truth
            .symmetrised()
            .othersOf(agent)
            .reduce((sum, half) => sum + 2 * half, 0),
        ),
      );
      const found = [...reports].map(([observer, { canariesFound }]) => [observer, canariesFound]);
      expect(found).toContainEqual(['conversant', busiest]);
      expect(found.filter(([, texts]) => texts !== 0)).toHaveLength(1);
    }
  });
});

describe('how long a party has to look', () => {
  it('is in messages that were sent when it looked', async () => {
    const reports = await exposureOf(server, 'source-chain/shared');
    const crawler = reports.get('crawler')?.untilRankOne;
    expect(crawler?.glimpses).toEqual([20, 40]);
    expect(crawler?.reached).toBe(crawler?.agents);
    expect(reports.get('wiretap')?.timing[0]?.acts).toBe(40);
  });
});

describe('agents that join one after another', () => {
  it('are not taken to answer one another', async () => {
    const quiet = workloadOf('quiet', 12, [{ kind: 'send', at: 3_600_000_000, from: 0, to: 1 }]);
    const exposure = new Exposure({ seed: SEED, truth: truthOf(quiet), redundancy: 3 });
    const parts = { server, variant: variantNamed('source-chain/precise'), workload: quiet };
    const simulation = await simulate(parts, { seed: SEED });
    const reports = await exposure.reports(simulation);
    await simulation.node.close();
    const acts = reports.flatMap(({ observer, timing }) => timing.map(({ acts: seen }) => [observer, seen]));
    expect(acts).toContainEqual(['crawler', 3]);
    expect(acts).toContainEqual(['whole-disk', 3]);
  });
});

describe('one seed', () => {
  it.each(['source-chain', 'global-dht'])('gives the same figures of %s again', async (variant) => {
    expect(await exposureOf(server, variant)).toEqual(await exposureOf(server, variant));
  });
});
