import { describe, expect, it } from '@jest/globals';
import {
  type Round,
  type Share,
  activityOf,
  leastSquaresDisclosure,
  roundsOf,
  statisticalDisclosure,
} from '@musubi/observers';
import fc from 'fast-check';
import { rowsOf, tableOf } from './support/tables.js';

describe('rounds', () => {
  it('are windows of one length from the first act on, without those in which nothing was sent', () => {
    const sent = activityOf(3, [
      { agent: 1, at: 100 },
      { agent: 0, at: 109 },
      { agent: 1, at: 105 },
      { agent: 2, at: 120 },
    ]);
    const received = activityOf(3, [
      { agent: 2, at: 104 },
      { agent: 2, at: 111 },
    ]);

    expect(roundsOf(sent, received, 10)).toEqual([
      {
        senders: [
          [1, 2],
          [0, 1],
        ],
        recipients: [[2, 1]],
      },
      { senders: [[2, 1]], recipients: [] },
    ]);
  });
});

describe('statistical disclosure', () => {
  it('takes the background from a batch of two: v̂ = 2·ō − u', () => {
    const rounds: Round[] = [
      {
        senders: [
          [0, 1],
          [1, 1],
        ],
        recipients: [
          [2, 1],
          [3, 1],
        ],
      },
      {
        senders: [
          [1, 1],
          [2, 1],
        ],
        recipients: [[2, 2]],
      },
    ];
    const estimate = statisticalDisclosure(4, rounds);

    // Agent 0: ō = (0, 0, ½, ½), u = (0, 0, 1, 0).
    expect(rowsOf(estimate)[0]).toEqual([0, 0, 0, 1]);
    // Agent 1 is in every round, so that u = ō = (0, 0, ¾, ¼).
    expect(rowsOf(estimate)[1]).toEqual([0, 0, 0.75, 0.25]);
    expect(rowsOf(estimate)[3]).toEqual([0, 0, 0, 0]);
  });

  it('reads off a lone sender’s recipients', () => {
    const rounds: Round[] = [
      {
        senders: [[0, 3]],
        recipients: [
          [1, 2],
          [2, 1],
        ],
      },
      { senders: [[1, 1]], recipients: [[0, 1]] },
    ];
    const [first] = rowsOf(statisticalDisclosure(3, rounds));
    [0, 2 / 3, 1 / 3].forEach((share, to) => {
      expect(first?.[to]).toBeCloseTo(share, 12);
    });
  });

  it('gives shares that sum to 1 for each sender', () => {
    const agents = fc.integer({ min: 0, max: 5 });
    const round = fc.array(fc.tuple(agents, agents), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 12 }), (all) => {
        const rounds = all.map((pairs) => ({
          senders: tallied(pairs.map(([from]) => from)),
          recipients: tallied(pairs.map(([, to]) => to)),
        }));
        const senders = new Set(all.flat().map(([from]) => from));
        rowsOf(statisticalDisclosure(6, rounds)).forEach((row, from) => {
          const sum = row.reduce((total, value) => total + value, 0);
          expect(sum).toBeCloseTo(senders.has(from) ? 1 : 0, 9);
        });
      }),
    );
  });
});

function tallied(agents: readonly number[]): readonly Share[] {
  return [...new Set(agents)].map((agent) => [agent, agents.filter((each) => each === agent).length]);
}

describe('disclosure by least squares', () => {
  const AGENTS = 4;
  const row = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: AGENTS, maxLength: AGENTS });
  const rows = fc.array(row, { minLength: AGENTS, maxLength: AGENTS });

  it('finds the habits again where what arrives is exactly what they say', () => {
    fc.assert(
      fc.property(rows, fc.array(row, { maxLength: 6 }), (habits, more) => {
        // A round of each sender's own makes X of full rank.
        const alone = habits.map((_, sender) => habits.map((__, agent) => (agent === sender ? 1 : 0)));
        const rounds = [...alone, ...more].map((sent): Round => {
          const arrived = habits.map((_, to) =>
            sent.reduce((sum, count, from) => sum + count * (habits[from]?.[to] ?? 0), 0),
          );
          return { senders: [...sent.entries()], recipients: [...arrived.entries()] };
        });
        const found = leastSquaresDisclosure(AGENTS, rounds, 0);
        tableOf(habits).values.forEach((share, pair) => {
          expect(found.values[pair]).toBeCloseTo(share, 6);
        });
      }),
    );
  });

  it('is singular without a ridge where somebody never sends, and says nothing of it with one', () => {
    const rounds: Round[] = [{ senders: [[0, 1]], recipients: [[1, 1]] }];
    expect(() => leastSquaresDisclosure(3, rounds, 0)).toThrow('not positive definite');
    const found = leastSquaresDisclosure(3, rounds);
    expect(found.at(0, 1)).toBeCloseTo(1, 5);
    expect(rowsOf(found).slice(1)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('shares what two senders cause that are never apart', () => {
    const found = leastSquaresDisclosure(3, [
      {
        senders: [
          [0, 1],
          [1, 1],
        ],
        recipients: [[2, 2]],
      },
    ]);
    expect([found.at(0, 2), found.at(1, 2)].map((share) => Math.round(share * 1000) / 1000)).toEqual([1, 1]);
  });
});
