import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkIntegrity } from '../../src/figures/integrity.js';
import {
  IMMEDIATE,
  type ReceiptTiming,
  batchedEvery,
  delayedBy,
} from '../../src/simulation/receipt-timing.js';
import { simulate } from '../../src/simulation/simulation.js';
import { parseTrace } from '../../src/workloads/trace.js';
import { type Workload, workloadOf } from '../../src/workloads/workload.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const SECOND = 1_000_000;
const DAY = 86_400;
const VARIANTS = ['source-chain', 'pairwise-dht', 'global-dht', 'global-dht/agent-key'];

const traceOf = (...lines: readonly (readonly [from: number, to: number, at: number])[]): Workload =>
  parseTrace(lines.map((line) => line.join()).join('\n'));

const DAYS = traceOf(
  [0, 1, 0],
  [1, 0, 60],
  [0, 1, 3 * DAY],
  [1, 0, 3 * DAY + 60],
  [2, 1, 6 * DAY],
  [1, 2, 9 * DAY],
  [0, 2, 9 * DAY + 50],
  [2, 0, 14 * DAY],
);
const WEEKS = traceOf(
  [0, 1, 0],
  [2, 1, 7 * DAY],
  [0, 1, 7 * DAY + 100],
  [2, 1, 21 * DAY],
  [3, 1, 21 * DAY + 10],
  [1, 3, 28 * DAY],
);
/** One of them leaves for a year, and gets letters of old and new peers meanwhile. */
const YEAR = workloadOf('a year', 4, [
  { kind: 'send', from: 0, to: 1, at: 0 },
  { kind: 'leave', agent: 1, at: DAY * SECOND },
  { kind: 'send', from: 0, to: 1, at: 100 * DAY * SECOND },
  { kind: 'send', from: 2, to: 1, at: 200 * DAY * SECOND },
  { kind: 'send', from: 2, to: 0, at: 200 * DAY * SECOND },
  { kind: 'return', agent: 1, at: 365 * DAY * SECOND },
  { kind: 'send', from: 1, to: 0, at: 365 * DAY * SECOND },
  { kind: 'send', from: 0, to: 1, at: 366 * DAY * SECOND },
]);
const ALL = [
  ['days', DAYS],
  ['weeks', WEEKS],
  ['a year', YEAR],
] as const;

let server: TestLabServer;

beforeEach(() => {
  server = new TestLabServer();
});

afterEach(() => server.close());

interface Outcome {
  readonly integrity: unknown;
  readonly delivered: readonly (readonly [string, number])[];
}

async function outcomeOf(
  name: string,
  workload: Workload,
  receipts: ReceiptTiming = IMMEDIATE,
): Promise<Outcome> {
  const simulation = await simulate({ server, variant: variantNamed(name), workload }, { seed: 1, receipts });
  try {
    const integrity = await checkIntegrity(simulation.node, simulation.sent);
    return { integrity, delivered: [...simulation.deliveredAt] };
  } finally {
    await simulation.node.close();
  }
}

const WHOLE = { lost: 0, doubled: 0, phantom: 0, orphan: 0, chainFaults: 0, witnesses: [] };

describe.each(VARIANTS)('messages on %s', (variant) => {
  it.each(ALL)('that are %s apart are all shown, and their authors know it', async (_, workload) => {
    const messages = workload.events.filter(({ kind }) => kind === 'send').length;

    const { integrity } = await outcomeOf(variant, workload);

    expect(integrity).toMatchObject({ ...WHOLE, messages, acknowledged: messages, shown: messages });
  });
});

describe('messages on global-dht that are days apart', () => {
  it.each([
    ['in batches', batchedEvery(3600 * SECOND)],
    ['late', delayedBy(2 * DAY * SECOND)],
  ])('are all shown when what brings receipts comes %s', async (_, receipts) => {
    const { integrity } = await outcomeOf('global-dht', DAYS, receipts);
    expect(integrity).toMatchObject({ ...WHOLE, shown: DAYS.events.length });
  });

  it('are delivered at the same times when they are sent again with the same seed', async () => {
    expect(await outcomeOf('global-dht', YEAR)).toEqual(await outcomeOf('global-dht', YEAR));
  });
});
