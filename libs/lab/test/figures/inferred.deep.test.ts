import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { controlsOf } from '../../src/figures/controls.js';
import { SEED, type Reports, areaOf, exposureOf, truth } from '../support/exposures.js';
import { TestLabServer } from '../support/test-lab-server.js';

let server: TestLabServer;

beforeEach(() => {
  server = new TestLabServer();
});

afterEach(() => server.close());

describe('what is put together from many rows', () => {
  it('is told to the operator of global-dht by conversations that mirror one another, also without their column', async () => {
    const operator = (await exposureOf(server, 'global-dht')).get('operator');
    const attacks = new Map(operator?.attacks.map(({ attack, auc }) => [attack, auc]));
    const { volume } = controlsOf(truth, SEED);

    expect([...attacks.keys()]).toEqual([
      'volume',
      'lesser-volume',
      'mirrored-sizes',
      'mirrored-conversations',
      'mailbox-sums',
      'requests-at-either-end',
    ]);
    expect(operator?.notAttempted).toEqual([]);
    expect(operator?.graph.auc).toBe(attacks.get('mirrored-conversations'));
    for (const attack of ['mirrored-sizes', 'mirrored-conversations', 'mailbox-sums'])
      expect([attack, (attacks.get(attack) ?? 0) - volume.auc > 0.05]).toEqual([attack, true]);
  });

  it('is told better to an operator that keeps what it read before', async () => {
    const attacks = (await exposureOf(server, 'global-dht', { snapshotsAt: [10, 20, 30] })).get(
      'operator',
    )?.attacks;
    for (const attack of ['mirrored-sizes', 'mirrored-conversations', 'mailbox-sums']) {
      const [once, often] = [attack, `${attack}, 3 snapshots`].map(
        (name) => attacks?.find((one) => one.attack === name)?.auc ?? NaN,
      );
      expect(often).toBeGreaterThanOrEqual(once ?? NaN);
    }
  });

  it('is sought by a crawler that asks again and again, from every quarter of the time to every minute', async () => {
    const polled = (variant: Reports): readonly string[] =>
      variant
        .get('crawler')
        ?.attacks.flatMap(({ attack }) => (attack.includes(', polled ') ? [attack] : [])) ?? [];
    const times = ['3 times', 'every hour', 'every 10 min', 'every minute'];

    expect(polled(await exposureOf(server, 'global-dht'))).toEqual(
      times.map((time) => `requests-and-mailboxes, polled ${time}`),
    );
    const reports = await exposureOf(server, 'source-chain');
    expect(polled(reports)).toEqual(
      times.flatMap((time) => [
        `acts-together, polled ${time}`,
        `row-sums, polled ${time}`,
        `sampled-sums, polled ${time}`,
      ]),
    );
    expect(areaOf(reports, 'crawler', 'row-sums, polled 3 times')).toBeGreaterThan(
      areaOf(reports, 'crawler', 'volume') ?? 1,
    );
    expect(areaOf(reports, 'crawler', 'acts-together, polled every minute')).toBeGreaterThan(0.95);
    expect(polled(await exposureOf(server, 'pairwise-dht'))).toEqual([]);
  });

  it('counts what a stranger does not hold by the numbers of what it holds', async () => {
    const reports = await exposureOf(server, 'source-chain');
    const [held, counted] = ['lesser-volume', 'bracketed-volume'].map((attack) =>
      areaOf(reports, 'stranger-with-share', attack),
    );
    expect(counted).toBeGreaterThan(held ?? 1);
    expect(areaOf(reports, 'crawler', 'bracketed-volume')).toBeNull();
  });
});
