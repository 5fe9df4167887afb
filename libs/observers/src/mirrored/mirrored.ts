import { type Attempt, brokenByVolumes } from '../inference/attempt.js';
import { Tally } from '../inference/tally.js';
import { PairTable } from '../pairs/pair-table.js';
import { type SizedGroup, candidatesOf } from './candidates.js';
import { featuresOf } from './features.js';
import { type GroupSizes, type Grouping } from './groupings.js';
import { linked } from './linkage.js';
import { type SparsePairs } from './sinkhorn.js';

interface MirrorOptions {
  readonly agents: number;
  /**
   * `sizes`: how many rows a group has, which one `group by` tells. `rows`: also what is in the rows, in order.
   */
  readonly by: 'sizes' | 'rows';
  /** How many rows each group had at earlier looks, the earliest first; none when absent. */
  readonly before?: readonly GroupSizes[];
}

/** 24 bytes each, and up to a microsecond for each row of theirs. */
const MOST_PAIRS = 2_000_000;

/**
 * Who has a group of rows that mirrors one of somebody else's: both sides keep each message of a conversation, so that
 * they have as many rows, in the same order, what one wrote being what the other was sent. The score of a pair is the
 * probability that any of their groups are partners.
 * @returns symmetric scores; below any difference in probability, who has much is taken to go with who has much
 */
export function mirroredConversations(grouping: Grouping, options: MirrorOptions): Attempt {
  const groups = grouping.groups.map((group) => ({
    owner: group.owner,
    counts: countsOf(group, options.before ?? []),
  }));
  const pairs = candidatesOf(groups, MOST_PAIRS);
  if (pairs === null) return { notAttempted: tooMany(groups.length) };
  const features = options.by === 'rows' ? featuresOf(grouping) : [];
  return {
    scores: pairScores(groups, { pairs, probabilities: linked(pairs, features), agents: options.agents }),
  };
}

function tooMany(groups: number): string {
  return `more than ${MOST_PAIRS} pairs of ${groups} groups are about as large`;
}

/** What came from look to look. */
function countsOf(
  { owner, value, rows }: Grouping['groups'][number],
  before: readonly GroupSizes[],
): readonly number[] {
  const sizes = [...before.map((sizeOf) => sizeOf(owner, value)), rows.length];
  return sizes.map((size, look) => size - (sizes[look - 1] ?? 0));
}

interface Linked {
  readonly pairs: SparsePairs;
  readonly probabilities: Float64Array;
  readonly agents: number;
}

/** 1 − Π (1 − p) over the groups of two agents. */
function pairScores(groups: readonly SizedGroup[], { pairs, probabilities, agents }: Linked): PairTable {
  const none = new PairTable(agents);
  probabilities.forEach((probability, pair) => {
    const [a = 0, b = 0] = [groups[pairs.first[pair] ?? 0]?.owner, groups[pairs.second[pair] ?? 0]?.owner];
    const log = Math.log1p(-Math.min(probability, 1 - 1e-12));
    none.add(a, b, log);
    none.add(b, a, log);
  });
  const scores = new PairTable(agents);
  scores.values.set(none.values.map((log) => -Math.expm1(log)));
  return brokenByVolumes(scores, volumesOf(groups, agents));
}

function volumesOf(groups: readonly SizedGroup[], agents: number): Tally {
  const volumes = new Tally(agents);
  for (const { owner, counts } of groups)
    volumes.add(
      owner,
      counts.reduce((sum, count) => sum + count, 0),
    );
  return volumes;
}
