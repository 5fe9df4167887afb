import { type Growth } from './growth.js';

/** How many of an agent's contact requests of one interval are taken to be of conversations that grew alike. */
export interface Share {
  readonly agent: number;
  /** Which of the growths. */
  readonly growth: number;
  /** The request of who wrote first, or of who answered. */
  readonly isFirst: boolean;
  amount: number;
}

/** Requests at one agent in one interval, and where they may belong. */
interface SharedRequests {
  readonly count: number;
  readonly shares: readonly Share[];
}

/**
 * Where requests may belong: to conversations that were born in their interval, as the first, and to those that grew in it,
 * as the second; the earlier in a conversation, the likelier, since who answers asks with the first answer.
 * @param most how many shares there may be; `null` when there are more
 */
export function sharesOf(
  intervals: ReadonlyMap<number, ReadonlyMap<number, number>>,
  growths: readonly Growth[],
  most: number,
): readonly SharedRequests[] | null {
  const grown = grownIn(growths);
  const requests: SharedRequests[] = [];
  let all = 0;
  for (const [interval, counts] of intervals) {
    const places = grown.get(interval) ?? [];
    all += places.length * counts.size;
    if (all > most) return null;
    for (const [agent, count] of counts) {
      requests.push({ count, shares: places.map((place) => ({ agent, ...place })) });
    }
  }
  return requests;
}

type Place = Omit<Share, 'agent'>;

function grownIn(growths: readonly Growth[]): ReadonlyMap<number, readonly Place[]> {
  const grown = new Map<number, Place[]>();
  growths.forEach(({ intervals, count }, growth) => {
    intervals.forEach((interval, nth) => {
      const places = grown.get(interval) ?? [];
      grown.set(interval, places);
      if (nth === 0) places.push({ growth, isFirst: true, amount: count });
      places.push({ growth, isFirst: false, amount: count / (nth + 1) });
    });
  });
  return grown;
}

const ROUNDS = 100;

/**
 * By turns, each conversation takes one first request, if there is any, and one second at most; and each request is shared
 * out among its places in proportion to what they took: iterative proportional fitting (Deming & Stephan 1940).
 */
export function shareOut(requests: readonly SharedRequests[], growths: readonly Growth[]): void {
  const all = requests.flatMap(({ shares }) => shares);
  for (let round = 0; round < ROUNDS; round += 1) {
    takeInTurn(all, growths);
    for (const { count, shares } of requests) {
      const sum = shares.reduce((amounts, { amount }) => amounts + amount, 0);
      for (const share of shares) share.amount *= sum > 0 ? count / sum : 0;
    }
  }
}

function takeInTurn(all: readonly Share[], growths: readonly Growth[]): void {
  const sums = new Float64Array(2 * growths.length);
  for (const share of all) sums[placeOf(share)] = (sums[placeOf(share)] ?? 0) + share.amount;
  for (const share of all) {
    share.amount *= partTaken(share.isFirst, sums[placeOf(share)] ?? 0, growths[share.growth]?.count ?? 0);
  }
}

/** First requests fill their places, as far as there are any; second ones may leave theirs empty. */
function partTaken(isFirst: boolean, sum: number, places: number): number {
  if (sum === 0) return 1;
  return isFirst ? places / sum : Math.min(1, places / sum);
}

function placeOf({ growth, isFirst }: Share): number {
  return 2 * growth + Number(isFirst);
}
