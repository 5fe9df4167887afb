import {
  type Activity,
  type Findings,
  PairTable,
  type Sizes,
  equalSizesSoonAfter,
  exchangesOf,
  leastSquaresDisclosure,
  lesserVolume,
  rareSizes,
  retimed,
  retimedSizes,
  roundsOf,
  statisticalDisclosure,
  timingScores,
  volumePrior,
} from '@musubi/observers';
import { type PartyClock } from './parties.js';

/** One way to tell who wrote to whom, and what it makes of each pair. */
export interface Attack {
  readonly attack: string;
  readonly scores: PairTable;
}

/** An attack, and what each of several parties of a kind makes of every pair by it. */
export interface AttackOfEach {
  readonly attack: string;
  readonly tables: readonly PairTable[];
}

/** Who acted when and who wrote rows how long, by one clock, and how soon is soon by it. */
export interface Timeline {
  readonly clock: PartyClock;
  readonly activity: Activity;
  readonly sizes: Sizes;
  /** Acts that it showed no time of. */
  readonly missing: number;
}

export function timelineOf({ activity, sizes }: Findings, clock: PartyClock): Timeline {
  const times = clock.times(activity);
  const shown = retimed(activity, times);
  const missing = activity.at.length - shown.at.length;
  return { clock, activity: shown, sizes: retimedSizes(sizes, times), missing };
}

/**
 * Each attack for itself that goes by what rows say, how long they are, how they lie and how many there are; but those
 * with nothing to go by.
 */
export function rowAttacks({
  evidence: { byKind },
  sizes,
  heapOrder,
  heapTwos,
  volumes,
}: Findings): readonly Attack[] {
  const read = Object.entries(byKind).map(([attack, scores]) => ({ attack, scores }));
  const others = [
    { attack: 'rare-sizes', scores: rareSizes(sizes) },
    { attack: 'heap-order', scores: heapOrder },
    { attack: 'heap-twos', scores: heapTwos },
    { attack: 'volume', scores: volumePrior(volumes) },
    { attack: 'lesser-volume', scores: lesserVolume(volumes) },
  ];
  return [...read, ...others].filter(isTold);
}

/**
 * Each attack for itself that goes by one clock; but those with nothing to go by. Acts do not say what they are, so a
 * round's first actor is its sender.
 */
export function timingAttacks({ activity, sizes, clock }: Timeline): readonly Attack[] {
  const { agents } = activity;
  const { window } = clock;
  const rounds = exchangesOf(activity, window);
  const attacks = [
    { attack: 'soon-after', scores: timingScores(activity, window) },
    { attack: 'statistical-disclosure', scores: statisticalDisclosure(agents, rounds) },
    { attack: 'least-squares-disclosure', scores: leastSquaresDisclosure(agents, rounds) },
    { attack: 'equal-sizes', scores: equalSizesSoonAfter(sizes, window) },
  ];
  return attacks.filter(isTold).map((attack) => named(attack, clock));
}

/** A clock that not every party of its kind has is part of the name. */
function named({ attack, scores }: Attack, { unit }: PartyClock): Attack {
  return { attack: unit === 'commit-times' ? `${attack}, by commit times` : attack, scores };
}

/**
 * Where acts wait and then happen together, an observer that knows the wait looks at each batch as one: agents act in the
 * same batches, in either role.
 * @param share of the time from the first act to the last that a batch takes
 */
export function batchAttacks({ activity, clock }: Timeline, share: number): readonly Attack[] {
  const { agents, at } = activity;
  const window = share * ((at.at(-1) ?? 0) - (at[0] ?? 0));
  if (!(window > 0)) return [];
  const rounds = roundsOf(activity, activity, window);
  return [
    { attack: 'soon-after, within a batch', scores: timingScores(activity, window) },
    { attack: 'statistical-disclosure, by batches', scores: statisticalDisclosure(agents, rounds) },
  ].map((attack) => named(attack, clock));
}

/** Attack by attack. To a party that has nothing to go by, where others have, all pairs are level: it guesses. */
export function attackByAttack(
  ofEach: readonly (readonly Attack[])[],
  agents: number,
): readonly AttackOfEach[] {
  const names = [...new Set(ofEach.flat().map(({ attack }) => attack))];
  return names.map((name) => ({
    attack: name,
    tables: ofEach.map(
      (attacks) => attacks.find(({ attack }) => attack === name)?.scores ?? new PairTable(agents),
    ),
  }));
}

function isTold({ scores }: Attack): boolean {
  return !isEmpty(scores);
}

export function isEmpty({ values }: PairTable): boolean {
  return values.every((value) => value === 0);
}
