import { beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { timeless } from '../src/figures/agreement.js';
import {
  GENERATORS,
  type LabServer,
  type Part,
  type Report,
  VARIANTS,
  compare,
  hashOf,
  startLabServer,
} from '../src/index.js';

const NAMES = ['source-chain', 'source-chain/post-commit', 'pairwise-dht', 'global-dht'];
const PARTS: readonly Part[] = ['observers', 'cost'];

/** Each on a server of its own, as each command has. */
async function runOf(seed: number, parts = PARTS): Promise<Report> {
  const server = await startLabServer();
  try {
    return await comparedOn(server, seed, parts);
  } finally {
    await server.close();
  }
}

function comparedOn(server: LabServer, seed: number, parts: readonly Part[]): Promise<Report> {
  const variants = VARIANTS.filter(({ name }) => NAMES.includes(name));
  const workload = GENERATORS['small-world']({ agents: 10, messages: 40 }, new SeededRandom(seed));
  const parameters = {
    seed,
    workload: workload.name,
    agents: workload.agents,
    messages: 40,
    concurrency: [],
    redundancy: 5,
    variants: NAMES,
    faults: [],
    parts,
    workloadHash: hashOf(workload),
  };
  const asked = { variants, workload, parameters, parts, faults: [], loadMessages: 0 };
  return compare(server, asked, { onProgress: () => undefined, signal: new AbortController().signal });
}

interface Interval {
  readonly subject: string;
  readonly auc: readonly [low: number, high: number];
}

function intervalsOf({ placements }: Report): readonly Interval[] {
  return placements.flatMap(({ variant, observers }) =>
    (observers ?? []).map(({ observer, graph }) => ({
      subject: `${observer} of ${variant}`,
      auc: graph.aucInterval,
    })),
  );
}

describe('a comparison', () => {
  let first: Report;
  let again: Report;
  let other: Report;
  beforeAll(async () => {
    first = await runOf(1);
    again = await runOf(1);
    other = await runOf(2, ['observers']);
  });

  it('of the same seed is the same, times aside', () => {
    expect(timeless(again)).toEqual(timeless(first));
    expect(first.placements.every(({ observers }) => observers !== null)).toBe(true);
  });

  it('of another seed is another, and its intervals overlap but for one in ten', () => {
    expect(other.parameters.workloadHash).not.toBe(first.parameters.workloadHash);
    const others = intervalsOf(other);
    const apart = intervalsOf(first).filter(({ auc: [low, high] }, index) => {
      const [otherLow, otherHigh] = others[index]?.auc ?? [NaN, NaN];
      return !(low <= otherHigh && otherLow <= high);
    });
    // Another seed draws another graph, which the intervals know nothing of.
    expect(apart.length).toBeLessThanOrEqual(Math.ceil(intervalsOf(first).length / 10));
  });
});
