import { type LoadPoint, type Validity } from '../report/report.js';
import { type Tally, type Timed } from '../simulation/load-acts.js';
import { estimateOf } from './estimate.js';
import { quantilesOf } from './quantiles.js';

/** What one round of a load came to. */
export interface LoadRound extends Tally {
  readonly backToBack: number;
  /** Of those back to back. */
  readonly seconds: number;
  /** Delivered, back to back. */
  readonly perSecond: number;
  /** Of those that were sent when they were due, those delivered. */
  readonly timed: readonly Timed[];
  readonly calls: number;
}

/** @param rounds one at least */
export function pointOf(concurrency: number, rounds: readonly LoadRound[], validity: Validity): LoadPoint {
  const sum = (of: (round: LoadRound) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const estimate = (of: (round: LoadRound) => number) => estimateOf(rounds.map(of));
  const perMessage = (of: (round: LoadRound) => number) =>
    estimate((round) => of(round) / Math.max(1, round.acts));
  const rate = estimate(({ perSecond }) => perSecond);
  const [headMoved, attempts, calls] = [
    perMessage((round) => round.headMoved),
    perMessage((round) => round.attempts),
    perMessage((round) => round.calls),
  ];
  return {
    ...validity,
    concurrency,
    rounds: rounds.length,
    acts: sum(({ acts }) => acts),
    backToBack: sum(({ backToBack }) => backToBack),
    timed: sum(({ timed }) => timed.length),
    gaveUp: sum(({ gaveUp }) => gaveUp),
    firstError: rounds.find(({ firstError }) => firstError !== null)?.firstError ?? null,
    seconds: sum(({ seconds }) => seconds),
    actsPerSecond: rate.median,
    actsPerSecondInterval: rate.interval,
    actsPerSecondRounds: rounds.map(({ perSecond }) => perSecond),
    headMovedPerMessage: headMoved.median,
    headMovedPerMessageInterval: headMoved.interval,
    attemptsPerMessage: attempts.median,
    attemptsPerMessageInterval: attempts.interval,
    callsPerMessage: calls.median,
    callsPerMessageInterval: calls.interval,
    saved: quantilesOf(rounds.map(({ timed }) => timed.map(({ saved }) => saved))),
    delivered: quantilesOf(rounds.map(({ timed }) => timed.map(({ delivered }) => delivered))),
  };
}
