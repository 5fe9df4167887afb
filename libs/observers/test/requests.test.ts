import { describe, expect, it } from '@jest/globals';
import {
  PairTable,
  type Seen,
  SeededRandom,
  Tally,
  messagesBetween,
  requestsAndMailboxes,
  requestsAtEitherEnd,
  togetherScores,
  volumePrior,
} from '@musubi/observers';
import { type Letter, areaOf, areaOfPermuted, lettersOf, truthOf } from './support/conversations.js';

const AGENTS = 24;
const letters = lettersOf(AGENTS, 240, 3);
const truth = truthOf(AGENTS, letters);

interface Traffic {
  readonly requests: readonly Seen[];
  readonly boxes: readonly (readonly number[])[];
}

/** Letters and receipts in mailboxes, and a request from everybody who writes to somebody for the first time. */
function trafficOf(interval: number, asksBack: boolean): Traffic {
  const boxes = new Map<string, number[]>();
  const requests: Seen[] = [];
  const put = ({ from, to, at }: Letter): void => {
    const key = `${from} ${to}`;
    boxes.set(key, [...(boxes.get(key) ?? []), Math.floor(at / interval)]);
  };
  const asked = new Set<string>();
  for (const letter of letters) {
    const { from, to, at } = letter;
    const isAnswered = asked.has(`${to} ${from}`);
    if (!asked.has(`${from} ${to}`) && (asksBack || !isAnswered)) {
      requests.push({ agent: to, interval: Math.floor(at / interval) });
    }
    asked.add(`${from} ${to}`);
    put(letter);
    put({ from: to, to: from, at });
  }
  return { requests, boxes: [...boxes.values()] };
}

function scoresOf(traffic: Traffic): PairTable {
  const attempt = requestsAndMailboxes({ agents: AGENTS, ...traffic });
  if ('notAttempted' in attempt) throw new Error(attempt.notAttempted);
  return attempt.scores;
}

function priorOf(requests: readonly Seen[]): PairTable {
  const volumes = new Tally(AGENTS);
  for (const { agent } of requests) volumes.add(agent, 1);
  return volumePrior(volumes);
}

describe('contact requests at both ends', () => {
  it('tell pairs by the mailboxes that grew as they came, the more so the closer the looks', () => {
    const areas = [250, 40, 7, 1].map((interval) => areaOf(scoresOf(trafficOf(interval, true)), truth));
    expect(areas.at(-1)).toBeGreaterThan(0.95);
    expect(areas).toEqual(areas.toSorted((one, other) => one - other));
  });

  it('tell little beyond who is asked often where only the first to write asks', () => {
    for (const interval of [250, 7, 1]) {
      const traffic = trafficOf(interval, false);
      const prior = areaOf(priorOf(traffic.requests), truth);
      expect(Math.abs(areaOf(scoresOf(traffic), truth) - prior)).toBeLessThan(0.06);
    }
  });

  it('tell nothing of agents under other names, and the same each time', () => {
    const scores = scoresOf(trafficOf(1, true));
    expect(Math.abs(areaOfPermuted(letters, scores, 2) - 0.5)).toBeLessThan(0.05);
    expect(scoresOf(trafficOf(1, true)).values).toEqual(scores.values);
  });

  it('are not attempted where too many came at once, and it is said why', () => {
    const requests = Array.from({ length: 1000 }, (_, agent) => ({ agent, interval: 0 }));
    const boxes = Array.from({ length: 1200 }, (_, box) => [0, box + 1]);
    expect(requestsAndMailboxes({ agents: 1000, requests, boxes })).toEqual({
      notAttempted: 'more than 1000000 ways to share requests out',
    });
  });
});

describe('who is seen in the same intervals', () => {
  it('counts for the more, the fewer are seen', () => {
    const seen = [
      ...[0, 1].map((agent) => ({ agent, interval: 1 })),
      ...[0, 2, 3].map((agent) => ({ agent, interval: 2 })),
    ];
    const scores = togetherScores(4, seen);
    expect(
      [scores.at(0, 1), scores.at(0, 2), scores.at(1, 2)].map((score) => Number(score.toFixed(3))),
    ).toEqual([1, 0.5, 0]);
  });

  it('tells pairs by requests of one day where there are several', () => {
    const random = new SeededRandom(1);
    const pairs = letters.filter(({ from, to }) => from < to).map(({ from, to }) => `${from} ${to}`);
    const requests = [...new Set(pairs)].flatMap((pair) => {
      const interval = random.below(10);
      return pair.split(' ').map((agent) => ({ agent: Number(agent), interval }));
    });
    const [apart, prior] = [togetherScores(AGENTS, requests), priorOf(requests)];
    expect(areaOf(apart, truth)).toBeGreaterThan(areaOf(prior, truth) + 0.05);
  });
});

describe('contact requests at one end', () => {
  /** At whom each pair's first letter asked. */
  const asked = [
    ...new Map(
      letters.toReversed().map(({ from, to }) => [[from, to].toSorted((a, b) => a - b).join(), to]),
    ).values(),
  ].map((agent) => ({ agent, period: 0, at: undefined }));

  it('find pairs between often asked and never asked agents better than their product does', () => {
    const asks = [
      ...Array.from({ length: 8 }, (_, nth) => ({ from: 16 + nth, to: 0 })),
      ...Array.from({ length: 16 }, (_, nth) => ({ from: 16 + (nth % 8), to: 1 + (nth >> 1) })),
    ];
    const pairs = messagesBetween(AGENTS, asks);
    const either = requestsAtEitherEnd(
      AGENTS,
      asks.map(({ to }) => ({ agent: to, period: 0, at: undefined })),
    )?.scores;
    const product = priorOf(asks.map(({ to }) => ({ agent: to, interval: 0 })));
    expect(areaOf(either ?? product, pairs)).toBeGreaterThan(areaOf(product, pairs));
    expect(either?.at(0, 16)).toBeCloseTo(8 / (AGENTS - 1), 9);
    expect(either?.at(1, 2)).toBeCloseTo(1 - (1 - 2 / (AGENTS - 1)) ** 2, 9);
  });

  it('guess under other names, and say nothing where all are asked as often', () => {
    const scores = requestsAtEitherEnd(AGENTS, asked)?.scores ?? new PairTable(AGENTS);
    expect(scores.values.some((score) => score > 0)).toBe(true);
    expect(areaOfPermuted(letters, scores, 5)).toBeCloseTo(0.5, 1);
    expect(requestsAtEitherEnd(AGENTS, [])).toBeUndefined();
    const everybody = Array.from({ length: AGENTS }, (_, agent) => ({ agent, period: 0, at: undefined }));
    expect(requestsAtEitherEnd(AGENTS, everybody)).toBeUndefined();
  });
});
