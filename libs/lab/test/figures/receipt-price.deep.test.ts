import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { receiptPrices } from '../../src/figures/receipt-price.js';
import { type ReceiptPriceReport } from '../../src/report/report.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const few = GENERATORS['small-world']({ agents: 12, messages: 24 }, new SeededRandom(3));
/** Ten messages an hour: a batch has more than one message. */
const many = GENERATORS['small-world']({ agents: 24, messages: 240 }, new SeededRandom(5));
const HOUR = 3600;

let server: TestLabServer;

beforeEach(() => {
  server = new TestLabServer();
});

afterEach(() => server.close());

function priced(variant: string, workload = few): Promise<readonly ReceiptPriceReport[]> {
  const parts = { server, variant: variantNamed(variant), workload };
  return receiptPrices(parts, { seed: 3, redundancy: 3 });
}

type Prices = ReadonlyMap<string, ReceiptPriceReport>;

const known = new Map<string, Prices>();

/** By mode. Asked for again, they are those that were found before. */
async function pricesOf(variant: string, workload = few): Promise<Prices> {
  const name = `${variant} ${workload.events.length}`;
  const prices = known.get(name) ?? byMode(await priced(variant, workload));
  known.set(name, prices);
  return prices;
}

function byMode(prices: readonly ReceiptPriceReport[]): Prices {
  return new Map(prices.map((price) => [price.mode, price]));
}

describe.each(['source-chain', 'pairwise-dht', 'global-dht'])('receipts of %s', (variant) => {
  it('come late when they are put off, and never when they are off', async () => {
    const prices = await pricesOf(variant);
    const confirmed = [...prices].map(([mode, { confirmedShare }]) => [mode, confirmedShare]);
    expect(confirmed).toEqual([
      ['immediate', 1],
      ['batched', 1],
      ['delayed', 1],
      ['off', 0],
    ]);
    expect(prices.get('immediate')?.medianSecondsToConfirm).toBeLessThan(1);
    for (const mode of ['batched', 'delayed']) {
      expect(prices.get(mode)?.medianSecondsToConfirm).toBeGreaterThan(60);
      expect(prices.get(mode)?.medianSecondsToConfirm).toBeLessThan(3 * HOUR);
    }
    expect(prices.get('off')).toMatchObject({ orphanRate: 1, medianSecondsToConfirm: null });
    expect(prices.get('off')?.medianSecondsToDeliver).toBeLessThan(1);
  });
});

describe('putting receipts off', () => {
  it('hides some of the graph on global-dht from who has the disk, at the price of later messages', async () => {
    const prices = await pricesOf('global-dht', many);
    const seen = [...prices.values()].map(({ disk }) => disk.auc);
    const [immediate = 0, batched = 1, , off = 0] = seen;
    expect(immediate).toBeGreaterThan(0.9);
    // Rows that lie in twos still tell of most pairs.
    expect(batched).toBeLessThan(immediate - 0.05);
    expect(off).toBeGreaterThan(batched);
    expect(prices.get('batched')?.medianSecondsToDeliver).toBeGreaterThan(60);
  });

  it('leaves strangers to global-dht with no more than volumes tell', async () => {
    for (const { auc, volumeAuc } of (await pricesOf('global-dht')).values()) {
      expect(auc - volumeAuc).toBeLessThanOrEqual(0.05);
    }
  });

  it('hides nothing on source-chain from who hears the calls that bring messages', async () => {
    const prices = await pricesOf('source-chain');
    for (const price of prices.values()) {
      expect(price.auc).toBeGreaterThan(0.95);
      expect(price.medianSecondsToDeliver).toBeLessThan(1);
    }
  });

  it('gives the same figures for the same seed', async () => {
    expect(byMode(await priced('global-dht'))).toEqual(await pricesOf('global-dht'));
  });
});
