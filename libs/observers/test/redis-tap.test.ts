import { describe, expect, it } from '@jest/globals';
import { hash, toBase64Url } from '@musubi/crypto';
import {
  type PairTable,
  RedisTap,
  SeededRandom,
  type TappedFrame,
  auc,
  equalSizesSoonAfter,
  examine,
  messagesBetween,
  pairScores,
  rankPairs,
  rareSizes,
  soonAfterScores,
} from '@musubi/observers';
import { keysNamed } from './support/planter.js';

const AGENTS = 8;
const SECOND = 1_000_000;
const NOON = 1_763_900_000_000_000;
const agents = Array.from({ length: AGENTS }, (_, index) => keysNamed(`agent ${index}`).agent);
const random = new SeededRandom(4);
const MESSAGES = Array.from({ length: 80 }, () => {
  const from = random.below(AGENTS);
  return { from, to: from ^ 1 };
});
const truth = messagesBetween(AGENTS, MESSAGES);

/** The recipient's channel, and soon after it the author's. */
function framesOn(
  channelOf: (agent: number) => string,
  bytesOf: (index: number) => number = () => 1300,
): TappedFrame[] {
  return MESSAGES.flatMap(({ from, to }, index) => {
    const at = NOON + index * 60 * SECOND;
    const bytes = bytesOf(index);
    return [
      { channel: channelOf(to), bytes, at },
      { channel: channelOf(from), bytes, at: at + 40_000 },
    ];
  });
}

const inClear = (agent: number): string => `signal/${agents[agent] ?? ''}`;
const keyed = (agent: number): string => `musubi:${toBase64Url(hash('test/channel', Buffer.from([agent])))}`;

describe('who runs Redis', () => {
  it('knows who writes to whom where channels have agents’ names, and nobody where they are keyed', async () => {
    const leaky = await examine(new RedisTap(framesOn(inClear)), { agents });
    const mended = await examine(new RedisTap(framesOn(keyed)), { agents });

    expect(auc(rankPairs(pairScores(leaky, SECOND), truth))).toBe(1);
    expect(auc(rankPairs(pairScores(mended, SECOND), truth))).toBe(0.5);
    expect([leaky.activity.at.length, mended.activity.at.length]).toEqual([160, 0]);
    expect(mended.rows).toBe(160);
  });

  it('links keyed channels by time all the same: the graph without its names', () => {
    const { channels, activity } = new RedisTap(framesOn(keyed)).pseudonyms();
    const numbers = agents.map((_, agent) => channels.indexOf(keyed(agent)));
    const named = messagesBetween(
      AGENTS,
      MESSAGES.map(({ from, to }) => ({ from: numbers[from] ?? -1, to: numbers[to] ?? -1 })),
    );
    const linked: PairTable = soonAfterScores(activity, { window: SECOND });

    expect(channels).toHaveLength(AGENTS);
    expect(auc(rankPairs(linked, named))).toBe(1);
  });

  it('links them by length where frames are not padded, and not where they are', () => {
    const { sizes: mended } = new RedisTap(framesOn(keyed)).pseudonyms();
    const { sizes: leaky } = new RedisTap(framesOn(keyed, (index) => 100 + index)).pseudonyms();
    const isSilent = ({ values }: PairTable): boolean => values.every((value) => value === 0);

    expect([rareSizes(mended), equalSizesSoonAfter(mended, SECOND)].map(isSilent)).toEqual([true, true]);
    expect([rareSizes(leaky), equalSizesSoonAfter(leaky, SECOND)].map(isSilent)).toEqual([false, false]);
  });
});
