import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { controlsOf } from '../../src/figures/controls.js';
import { Exposure, truthOf } from '../../src/figures/exposure.js';
import { type LabNode } from '../../src/node/lab-node.js';
import { type ObserverReport } from '../../src/report/report.js';
import { simulate } from '../../src/run/simulation.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { workloadOf } from '../../src/workloads/workload.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const SEED = 1;
const workload = GENERATORS['small-world']({ agents: 12, messages: 40 }, new SeededRandom(SEED));
const truth = truthOf(workload);

let server: TestLabServer;

beforeEach(() => {
  server = new TestLabServer();
});

afterEach(() => server.close());

type Reports = ReadonlyMap<string, ObserverReport>;

/** @param role whom the node works as, from the first message on; the tests' own when absent */
async function exposureOf(variant: string, role?: string): Promise<Reports> {
  const exposure = new Exposure({ seed: SEED, truth, redundancy: 3 });
  const parts = { server, variant: variantNamed(variant), workload };
  const simulation = await simulate(parts, {
    seed: SEED,
    onEvent: async (done, soFar) => {
      if (done === 0 && role !== undefined) await workAs(role, soFar.node);
      if (done === 20) await exposure.glimpse(soFar);
    },
  });
  const reports = await exposure.reports(simulation);
  await simulation.node.close();
  return new Map(reports.map((report) => [report.observer, report]));
}

async function workAs(role: string, { db }: LabNode): Promise<void> {
  await db.query(`grant all on all tables in schema public to ${role}`);
  await db.query(`set role ${role}`);
}

/** AUC by one clue; `null` where there was nothing of the kind. */
function areaOf(reports: Reports, observer: string, clue: string): number | null {
  return reports.get(observer)?.attacks.find(({ attack }) => attack === clue)?.auc ?? null;
}

function readClues(reports: Reports, observer: string): readonly (number | null)[] {
  return ['named-together', 'shared-value'].map((clue) => areaOf(reports, observer, clue));
}

describe('who writes to whom', () => {
  it('is told to every stranger by source-chain with shared envelopes: by equal hashes', async () => {
    const reports = await exposureOf('source-chain/shared');
    expect(readClues(reports, 'crawler')).toEqual([null, 1]);
    expect(reports.get('crawler')?.witnesses.map(({ fields }) => fields)).toEqual(['action.entry_hash']);
  });

  it('is not told by rows with salted envelopes, and all the same by the times of public actions', async () => {
    const reports = await exposureOf('source-chain');
    expect(readClues(reports, 'crawler')).toEqual([null, null]);
    expect(areaOf(reports, 'crawler', 'soon-after')).toBeGreaterThan(0.95);
    expect(reports.get('crawler')?.graph.anonymity.posterior).toBe('softmax');
  });

  it('is told to every stranger by global-dht with agents’ keys in links', async () => {
    const reports = await exposureOf('global-dht/agent-key');
    expect(readClues(reports, 'crawler')).toEqual([1, null]);
    expect(reports.get('crawler')?.graph.anonymity.posterior).toBe('proportional');
  });

  it('is told to no stranger by global-dht with derived mailboxes, nor by its clock-less tables', async () => {
    const reports = await exposureOf('global-dht');
    for (const observer of ['crawler', 'wiretap', 'operator']) {
      const clues = reports.get(observer)?.attacks.map(({ attack }) => attack);
      expect([observer, clues]).toEqual([observer, observer === 'wiretap' ? [] : ['volume']]);
    }
    // What every agent has, and a stranger holds of two of them only, it takes for theirs alone.
    expect(areaOf(reports, 'stranger-with-share', 'shared-value') ?? 0.5).toBeLessThanOrEqual(0.5);
    expect(reports.get('wiretap')?.graph.auc).toBe(0.5);
    expect(areaOf(reports, 'whole-disk', 'soon-after')).toBeGreaterThan(0.8);
  });

  it('shows on global-dht no more than how much there is of whom: by knocks to strangers, by rows to the operator', async () => {
    const reports = await exposureOf('global-dht');
    const { volume } = controlsOf(truth, SEED);
    const auc = (observer: string): number => reports.get(observer)?.graph.auc ?? NaN;

    expect(auc('operator')).toBeCloseTo(volume.auc, 1);
    for (const stranger of ['crawler', 'stranger-with-share']) {
      expect(auc(stranger)).toBeLessThanOrEqual(volume.auc + 0.05);
    }
    expect(auc('crawler')).not.toBe(0.5);
  });

  it('is told of global-dht to whoever reads when the log says that transactions were committed', async () => {
    const disk = (await exposureOf('global-dht')).get('whole-disk');
    const byLog = disk?.attacks.find(({ attack }) => attack === 'soon-after, by commit times');
    expect(byLog?.auc).toBeGreaterThan(0.95);
    expect(disk?.timing.map(({ clock, missing, unreadable }) => [clock, missing, unreadable])).toEqual([
      ['transactions', 0, null],
      ['commit-times', 0, null],
    ]);
    expect(disk?.timing.map(({ strongest }) => strongest?.auc ?? 0)[1]).toBeGreaterThan(0.95);
    expect(disk?.strongestClock).not.toBeNull();
  });

  it('is told of a log that may not be read by the other clock all the same, and the report says why', async () => {
    const disk = (await exposureOf('global-dht', 'pg_monitor')).get('whole-disk');
    expect(disk?.timing[1]).toMatchObject({ acts: 0, unreadable: 'no-extension', strongest: null });
    expect(disk?.strongestClock).toBe('transactions');
    expect(disk?.graph.auc).toBeGreaterThan(0.8);
  });

  it('is told by pairwise-dht to whoever runs the node or listens, and to no stranger', async () => {
    const reports = await exposureOf('pairwise-dht');
    expect(reports.get('crawler')?.attacks).toEqual([]);
    expect(readClues(reports, 'wiretap')).toEqual([1, null]);
    expect(readClues(reports, 'operator')).toEqual([1, 1]);
  });
});

describe('what a party reads', () => {
  it('is of its own messages for one of the conversants, and of none for all others', async () => {
    for (const variant of ['source-chain', 'pairwise-dht', 'global-dht']) {
      const reports = await exposureOf(variant);
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
    const reports = await exposureOf('source-chain/shared');
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
    const parts = { server, variant: variantNamed('source-chain'), workload: quiet };
    const simulation = await simulate(parts, { seed: SEED });
    const reports = await exposure.reports(simulation);
    await simulation.node.close();
    const acts = reports.flatMap(({ observer, timing }) => timing.map(({ acts: seen }) => [observer, seen]));
    expect(acts).toContainEqual(['crawler', 3]);
    expect(acts).toContainEqual(['whole-disk', 3]);
  });
});

describe('one seed', () => {
  it.each(['source-chain', 'pairwise-dht', 'global-dht'])(
    'gives the same figures of %s again',
    async (variant) => {
      expect(await exposureOf(variant)).toEqual(await exposureOf(variant));
    },
  );
});

describe('two agents who write to nobody else', () => {
  it('are sought among one more', () => {
    const pair = GENERATORS.pair({ agents: 2, messages: 4 }, new SeededRandom(SEED));
    expect(truthOf(pair).agents).toBe(3);
    expect(truth.agents).toBe(12);
  });
});
