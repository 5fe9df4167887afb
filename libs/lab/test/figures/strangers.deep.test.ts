import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom, auc, examine, rankPairs } from '@musubi/observers';
import { timelineOf } from '../../src/figures/attacks.js';
import { Exposure, truthOf } from '../../src/figures/exposure.js';
import { partiesOf } from '../../src/figures/parties.js';
import { STRANGERS, sharesOf } from '../../src/figures/strangers.js';
import { verdictOf } from '../../src/figures/verdict.js';
import { type ObserverReport } from '../../src/report/report.js';
import { type Simulation, simulate } from '../../src/simulation/simulation.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const SEED = 1;
const workload = GENERATORS['small-world']({ agents: 12, messages: 40 }, new SeededRandom(SEED));
/** A query waits no longer for a connection than a connection may take. */
const ONE_BY_ONE = { concurrency: 1 };
const context = { truth: truthOf(workload), redundancy: 3, seed: SEED };

let server: TestLabServer;
let simulation: Simulation;

beforeAll(async () => {
  server = new TestLabServer();
  simulation = await simulate(
    { server, variant: variantNamed('source-chain/shared'), workload },
    { seed: SEED },
  );
});

afterAll(async () => {
  await simulation.node.close();
  await server.close();
});

/** How much of the graph each stranger alone has. */
async function areasOfEach(): Promise<readonly number[]> {
  const parties = await partiesOf(simulation, context);
  const strangers = parties.filter(({ name }) => name === STRANGERS);
  const agents = simulation.node.agents.slice(0, workload.agents);
  const looks = strangers.flatMap(({ observers, since, clocks }) =>
    observers.map((observer) => ({ observer, since, clocks })),
  );
  return pMap(
    looks,
    async ({ observer, since, clocks }) => {
      const findings = await examine(observer, { agents, since });
      const timelines = clocks.map((clock) => timelineOf(findings, clock));
      return auc(rankPairs(verdictOf(findings, timelines).scores, context.truth));
    },
    ONE_BY_ONE,
  );
}

async function reportOf(seed: number): Promise<ObserverReport> {
  const reports = await new Exposure({ ...context, seed }).reports(simulation);
  const report = reports.find(({ observer }) => observer === STRANGERS);
  if (report === undefined) throw new Error('no stranger looked');
  return report;
}

describe('what a stranger sees with its share', () => {
  it('is the mean of many, in an interval that holds each of them', async () => {
    const areas = await areasOfEach();
    const { parties, graph } = await reportOf(SEED);
    const [low, high] = graph.aucInterval;

    expect(parties).toBe(areas.length);
    expect(graph.auc).toBeCloseTo(areas.reduce((sum, area) => sum + area, 0) / areas.length, 12);
    expect(Math.max(...areas) - Math.min(...areas)).toBeGreaterThan(0.1);
    expect(low).toBeLessThanOrEqual(Math.min(...areas));
    expect(high).toBeGreaterThanOrEqual(Math.max(...areas));
  });

  it('lies within what other strangers’ intervals say', async () => {
    const [one, other] = [await reportOf(1), await reportOf(2)];
    for (const [{ graph }, { graph: others }] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(graph.auc).toBeGreaterThan(others.aucInterval[0]);
      expect(graph.auc).toBeLessThan(others.aucInterval[1]);
    }
  });

  it('has a curve with the area that is said, from nothing to all', async () => {
    const { graph } = await reportOf(SEED);
    const area = graph.roc.reduce((sum, [x, y], index) => {
      const [before, height] = graph.roc[index - 1] ?? [0, 0];
      return sum + ((x - before) * (y + height)) / 2;
    }, 0);

    expect(area).toBeCloseTo(graph.auc, 2);
    expect([graph.roc[0], graph.roc.at(-1)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('depends on their keys, and these on the seed', async () => {
    const rowsOf = async (seed: number): Promise<readonly number[]> =>
      pMap(
        sharesOf(simulation, { ...context, seed }),
        async (share) => (await examine(share, { agents: [] })).rows,
        ONE_BY_ONE,
      );
    const rows = await rowsOf(SEED);

    expect(new Set(rows).size).toBeGreaterThan(5);
    expect(await rowsOf(SEED)).toEqual(rows);
    expect(await rowsOf(SEED + 1)).not.toEqual(rows);
  });
});
