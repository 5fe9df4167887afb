import { describe, expect, it } from '@jest/globals';
import {
  activityOf,
  exchangesOf,
  leastSquaresDisclosure,
  placesOf,
  retimed,
  statisticalDisclosure,
} from '@musubi/observers';

const act = (agent: number, at: number): { readonly agent: number; readonly at: number } => ({ agent, at });

describe('acts in order', () => {
  it('are counted one by one, however far apart, and those of one time together', () => {
    const acts = activityOf(3, [act(2, 900), act(0, 10), act(1, 10), act(0, 13)]);
    const { at, who } = retimed(acts, placesOf(acts));
    expect([...at]).toEqual([0, 0, 1, 2]);
    expect([...who]).toEqual([0, 1, 0, 2]);
  });
});

describe('another clock', () => {
  it('puts acts into its own order, and leaves out those of which it knows nothing', () => {
    const acts = activityOf(3, [act(0, 1), act(1, 2), act(2, 3)]);
    const shown = new Map([
      [1, 50],
      [3, 40],
    ]);
    const { at, who } = retimed(acts, (time) => shown.get(time));
    expect([[...at], [...who]]).toEqual([
      [40, 50],
      [2, 0],
    ]);
  });
});

describe('exchanges', () => {
  it('begin with a sender, and hold everybody else who acts within the window', () => {
    const acts = [act(0, 0), act(1, 2), act(0, 3), act(2, 5), act(1, 6), act(0, 11), act(0, 12)];
    expect(exchangesOf(activityOf(3, acts), 5)).toEqual([
      {
        senders: [[0, 1]],
        recipients: [
          [1, 1],
          [2, 1],
        ],
      },
      { senders: [[1, 1]], recipients: [[0, 1]] },
      { senders: [[0, 1]], recipients: [] },
    ]);
  });

  it('tell both disclosures who sends to whom', () => {
    const acts = [0, 1, 2, 3].flatMap((round) => [
      act(0, 100 * round),
      act(1, 100 * round + 1),
      act(2, 100 * round + 50),
      act(3, 100 * round + 51),
    ]);
    const rounds = exchangesOf(activityOf(4, acts), 10);
    for (const estimate of [statisticalDisclosure(4, rounds), leastSquaresDisclosure(4, rounds)]) {
      expect(estimate.at(0, 1)).toBeCloseTo(1);
      expect(estimate.at(2, 3)).toBeCloseTo(1);
      expect(estimate.at(0, 3)).toBeCloseTo(0);
    }
  });
});
