import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { controlsOf } from '../../src/figures/controls.js';
import { truthOf } from '../../src/figures/exposure.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { type Reports, SEED, areaOf, exposureOf, readClues, truth } from '../support/exposures.js';
import { TestLabServer } from '../support/test-lab-server.js';

let server: TestLabServer;
const known = new Map<string, Promise<Reports>>();

beforeAll(() => {
  server = new TestLabServer();
});

afterAll(() => server.close());

/** Simulated once for all tests. */
function exposed(variant: string): Promise<Reports> {
  const reports = known.get(variant) ?? exposureOf(server, variant);
  known.set(variant, reports);
  return reports;
}

describe('who writes to whom', () => {
  it('is told to every stranger by source-chain with shared envelopes: by equal hashes', async () => {
    const reports = await exposed('source-chain/shared');
    expect(readClues(reports, 'crawler')).toEqual([null, 1]);
    expect(reports.get('crawler')?.witnesses.map(({ fields }) => fields)).toEqual(['action.entry_hash']);
  });

  it('does not follow from salted envelopes, but follows from precise times of public actions', async () => {
    const reports = await exposed('source-chain/precise');
    expect(readClues(reports, 'crawler')).toEqual([null, null]);
    expect(areaOf(reports, 'crawler', 'soon-after')).toBeGreaterThan(0.95);
    expect(reports.get('crawler')?.graph.anonymity.posterior).toBe('softmax');
  });

  it('is told to no stranger by source-chain, whose public actions show the day: volumes are all there is', async () => {
    const reports = await exposed('source-chain');
    expect(readClues(reports, 'crawler')).toEqual([null, null]);
    for (const observer of ['crawler', 'stranger-with-share'])
      expect(areaOf(reports, observer, 'soon-after')).toBeNull();
    const byVolume = areaOf(reports, 'crawler', 'lesser-volume') ?? NaN;
    expect(Math.abs(byVolume - controlsOf(truth, SEED).volume.auc)).toBeLessThan(0.1);
  });

  it('is told to every stranger by global-dht with agents’ keys in links', async () => {
    const reports = await exposed('global-dht/agent-key');
    expect(readClues(reports, 'crawler')).toEqual([1, null]);
    expect(reports.get('crawler')?.graph.anonymity.posterior).toBe('proportional');
  });

  it('is told to no stranger by global-dht with derived mailboxes, whose tables have no clock', async () => {
    const reports = await exposed('global-dht');
    for (const observer of ['crawler', 'wiretap']) {
      const clues = reports.get(observer)?.attacks.map(({ attack }) => attack);
      const once = clues?.filter((attack) => !attack.includes(', polled '));
      const byRequests = ['volume', 'lesser-volume', 'requests-at-either-end'];
      expect([observer, once]).toEqual([observer, observer === 'wiretap' ? [] : byRequests]);
    }
    // What every agent has, and a stranger holds of two of them only, it takes for theirs alone.
    expect(areaOf(reports, 'stranger-with-share', 'shared-value') ?? 0.5).toBeCloseTo(0.5, 1);
    expect(reports.get('wiretap')?.graph.auc).toBe(0.5);
    expect(areaOf(reports, 'whole-disk', 'soon-after')).toBeGreaterThan(0.8);
  });

  it('shows strangers who look once on global-dht no more than how much there is of whom', async () => {
    const reports = await exposed('global-dht');
    const { volume } = controlsOf(truth, SEED);
    const auc = (observer: string): number => reports.get(observer)?.graph.auc ?? NaN;

    for (const stranger of ['crawler', 'stranger-with-share']) {
      expect(auc(stranger)).toBeLessThanOrEqual(volume.auc + 0.1);
    }
    expect(auc('crawler')).not.toBe(0.5);
  });

  it('shows global-dht to an observer of commit times in the write-ahead log', async () => {
    const disk = (await exposed('global-dht')).get('whole-disk');
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
    const reports = await exposureOf(server, 'global-dht', { role: 'pg_monitor' });
    const disk = reports.get('whole-disk');
    const left = reports.get('crawler')?.notAttempted.map(({ attack }) => attack);
    expect(left).toContain('requests-and-mailboxes, polled every minute');
    expect(disk?.timing[1]).toMatchObject({ acts: 0, unreadable: 'no-extension', strongest: null });
    expect(disk?.strongestClock).toBe('transactions');
    expect(disk?.graph.auc).toBeGreaterThan(0.8);
  });

  it('shows pairwise-dht to the operator and to a wiretap, and to no stranger', async () => {
    const reports = await exposed('pairwise-dht');
    expect(reports.get('crawler')?.attacks).toEqual([]);
    expect(readClues(reports, 'wiretap')).toEqual([1, null]);
    expect(readClues(reports, 'operator')).toEqual([1, 1]);
  });
});

describe('one seed', () => {
  it('gives the same figures of pairwise-dht again', async () => {
    expect(await exposureOf(server, 'pairwise-dht')).toEqual(await exposed('pairwise-dht'));
  });
});

describe('two agents who write to nobody else', () => {
  it('are sought among one more', () => {
    const pair = GENERATORS.pair({ agents: 2, messages: 4 }, new SeededRandom(SEED));
    expect(truthOf(pair).agents).toBe(3);
    expect(truth.agents).toBe(12);
  });
});
