import { describe, expect, it } from '@jest/globals';
import { STRATEGY_NAMES } from '@musubi/messaging';
import { type ComparisonProgress } from '../../src/service/messages.js';
import { comparisonOrderSchema, variantsOf } from '../../src/service/order.js';
import { ProgressTeller } from '../../src/service/progress-teller.js';

function variantsOfOrder(order: object): readonly string[] {
  return variantsOf(comparisonOrderSchema.parse(order)).map(({ name }) => name);
}

describe('an order', () => {
  it('is of the variants that a service uses, unless it names others', () => {
    expect(variantsOfOrder({})).toEqual(STRATEGY_NAMES);
    expect(variantsOfOrder({ strategies: ['global-dht'] })).toEqual(['global-dht']);
    expect(variantsOfOrder({ variants: ['global-dht/agent-key', 'source-chain/veto'] })).toEqual([
      'source-chain/veto',
      'global-dht/agent-key',
    ]);
  });

  it.each([
    ['a variant that is none', { variants: ['source-chain', 'nowhere'] }, 'variants.1'],
    ['variants of other strategies', { strategies: ['global-dht'], variants: ['pairwise-dht'] }, 'variants'],
    ['no variant', { variants: [] }, 'variants'],
    ['a workload that is none', { workload: 'trace' }, 'workload'],
    ['too many agents', { agents: 49 }, 'agents'],
    ['too many messages', { messages: 481 }, 'messages'],
    ['too many senders', { concurrency: [1, 33] }, 'concurrency.1'],
    ['too many numbers of senders', { concurrency: [1, 2, 3, 4, 5] }, 'concurrency'],
    ['too many authorities', { redundancy: 17 }, 'redundancy'],
    ['a seed that is none', { seed: -1 }, 'seed'],
    ['a part that is none', { parts: ['everything'] }, 'parts.0'],
    ['what nobody knows', { trace: 'big.csv' }, ''],
  ])('refuses %s', (_, order, path) => {
    const { error } = comparisonOrderSchema.safeParse(order);

    expect([...new Set(error?.issues.map((issue) => issue.path.join('.')))]).toEqual([path]);
  });
});

describe('what is told of progress', () => {
  it('is each new part at once, and what follows with its rate, not too often', () => {
    const told: ComparisonProgress[] = [];
    let now = 0;
    const teller = new ProgressTeller(
      ['source-chain', 'global-dht'],
      () => now,
      (one) => told.push(one),
    );
    const { onStep } = teller;
    teller.begin('database');
    onStep('source-chain: messages', 0, 100);
    now = 100;
    onStep('source-chain: messages', 10, 100);
    now = 1000;
    onStep('source-chain: messages', 50, 100);
    onStep('global-dht: cost', 0, 1);

    expect(told.map(({ variant, step, done }) => [variant, step, done])).toEqual([
      [null, 'database', 0],
      ['source-chain', 'messages', 0],
      ['source-chain', 'messages', 50],
      ['global-dht', 'cost', 0],
    ]);
    expect(told[2]).toMatchObject({ total: 100, perSecond: 50, secondsLeft: 1, variantsDone: 0 });
    expect(told[3]).toMatchObject({ perSecond: null, secondsLeft: null, variantsDone: 1, variantsTotal: 2 });
  });
});
