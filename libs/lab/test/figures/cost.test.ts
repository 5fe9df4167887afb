import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { costOf } from '../../src/figures/cost.js';
import { type CostReport } from '../../src/report/report.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const server = new TestLabServer();
const costs = new Map<string, CostReport>();

beforeAll(async () => {
  for (const name of ['source-chain', 'pairwise-dht', 'global-dht'])
    costs.set(name, await costOf({ server, variant: variantNamed(name) }, 1));
});
afterAll(() => server.close());

function costNamed(name: string): CostReport {
  const cost = costs.get(name);
  if (cost === undefined) throw new Error(`${name} was not measured`);
  return cost;
}

describe.each(['source-chain', 'pairwise-dht', 'global-dht'])('what %s costs', (name) => {
  it('has the size of what it was taken of beside it', () => {
    expect(costNamed(name)).toMatchObject({ messages: 30, pairs: 15, agents: 7 });
    expect(costNamed(name).opened.map(({ pairs }) => pairs)).toEqual([1, 2, 4, 8, 15]);
  });

  it('comes to the mean of a pair times all pairs, in the end', () => {
    const { pairs, rowsPerPair, bytesPerPair, opened } = costNamed(name);
    expect(opened.at(-1)?.rows).toBeCloseTo(pairs * rowsPerPair, 6);
    expect(opened.at(-1)?.bytes).toBeCloseTo(pairs * bytesPerPair, 3);
  });
});

describe('a conversation', () => {
  it('costs nothing to begin on source-chain', () => {
    expect(costNamed('source-chain')).toMatchObject({ rowsPerPair: 0, callsPerPair: 0, callsPerMessage: 1 });
  });

  it('costs a clone on each side with pairwise-dht, and a call, however many there are', () => {
    const { opened, callsPerPair, callsPerMessage } = costNamed('pairwise-dht');
    expect([callsPerPair, callsPerMessage]).toEqual([1, 1]);
    expect(opened.map(({ pairs, rows }) => rows / pairs)).toEqual(opened.map(() => 10));
  });

  it('costs a contact request and mailboxes on global-dht, and no call', () => {
    expect(costNamed('global-dht')).toMatchObject({ callsPerPair: 0, callsPerMessage: 0 });
    expect(costNamed('global-dht').rowsPerPair).toBeGreaterThan(0);
  });
});
