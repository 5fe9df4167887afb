import { Tally } from '../inference/tally.js';
import { type Attempt } from '../inference/attempt.js';
import { PairTable } from '../pairs/pair-table.js';
import { type Growth, growthsOf } from './growth.js';
import { type Share, shareOut, sharesOf } from './shares.js';
import { type Seen, byInterval } from './together.js';

interface SeenMailboxes {
  readonly agents: number;
  /** Contact requests, at whom and in which interval. */
  readonly requests: readonly Seen[];
  /** Of each mailbox, the interval of each of its rows. */
  readonly boxes: Iterable<readonly number[]>;
}

/** Some 60 bytes each, and a hundred rounds: a second. */
const MOST_SHARES = 1_000_000;

/**
 * Matches contact requests with mailboxes that were born or grew at the same time, to find whose conversations these are.
 * The first writer asks as the mailbox is born; the one who answers may ask as it grows. So a conversation has a first
 * request at one of its ends, and perhaps a second at the other. `shareOut` divides the requests among the mailboxes. An
 * end without a request may be any agent's, in proportion to the requests that each got.
 * @returns the expected number of conversations of each two agents
 */
export function requestsAndMailboxes({ agents, requests, boxes }: SeenMailboxes): Attempt {
  const growths = growthsOf(boxes);
  const shared = sharesOf(byInterval(requests), growths, MOST_SHARES);
  if (shared === null) return { notAttempted: `more than ${MOST_SHARES} ways to share requests out` };
  shareOut(shared, growths);
  const expected = new Expected(agents, anybody(agents, requests));
  const byGrowth = growths.map((): Share[] => []);
  for (const share of shared.flatMap(({ shares }) => shares)) byGrowth[share.growth]?.push(share);
  growths.forEach((growth, index) => {
    expected.add(growth, byGrowth[index] ?? []);
  });
  return { scores: expected.pairs };
}

/** How likely each agent is at an end that nothing tells of; half a request more for each. */
function anybody(agents: number, requests: readonly Seen[]): Float64Array {
  const volumes = new Tally(agents);
  for (const { agent } of requests) volumes.add(agent, 1);
  const all = requests.length + agents / 2;
  return volumes.values.map((count) => (count + 0.5) / all);
}

class Expected {
  readonly pairs: PairTable;

  constructor(
    private readonly agents: number,
    private readonly prior: Float64Array,
  ) {
    this.pairs = new PairTable(agents);
  }

  add({ count }: Growth, shares: readonly Share[]): void {
    const seconds = shares.filter(({ isFirst }) => !isFirst);
    const unknown = Math.max(0, 1 - sumOf(seconds) / count);
    for (const first of shares) {
      if (!first.isFirst) continue;
      for (const second of seconds)
        this.join(first.agent, second.agent, (first.amount * second.amount) / count);
      for (let agent = 0; agent < this.agents; agent += 1) {
        this.join(first.agent, agent, first.amount * unknown * (this.prior[agent] ?? 0));
      }
    }
  }

  private join(a: number, b: number, by: number): void {
    if (a === b) return;
    this.pairs.add(a, b, by);
    this.pairs.add(b, a, by);
  }
}

function sumOf(shares: readonly Share[]): number {
  return shares.reduce((sum, { amount }) => sum + amount, 0);
}
