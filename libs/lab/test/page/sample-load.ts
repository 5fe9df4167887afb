import {
  type Interval,
  type LoadPoint,
  type LoadReport,
  type PagingReport,
  type Quantiles,
  type Validity,
} from '../../src/report/report.js';

export function loadOf(index: number): LoadReport {
  const [lambda, sigma, kappa] = [40 + 3 * index, 0.05 + 0.03 * index, 0.0004];
  const intervals = {
    lambdaInterval: around(lambda),
    sigmaInterval: around(sigma),
    kappaInterval: around(kappa),
  };
  const scaling = { lambda, sigma, kappa, r2: 0.97, ...intervals };
  return {
    points: [1, 2, 8, 32].map((concurrency) => pointOf(concurrency, index)),
    scaling: index === 4 ? null : scaling,
  };
}

/** Beside almost nothing. */
export const QUIET: Validity = {
  notValid: null,
  repeatedRounds: 0,
  disturbance: {
    seconds: 12,
    foreignCpuShare: 0.01,
    stolenCpuShare: 0,
    runDelayShare: 0.02,
    longestStallMs: 12,
    longestPauseMs: 3,
  },
};

function around(value: number): Interval {
  return [0.9 * value, 1.1 * value];
}

function pointOf(concurrency: number, index: number): LoadPoint {
  const actsPerSecond = ((40 + 3 * index) * concurrency) / (1 + (0.06 + 0.03 * index) * (concurrency - 1));
  const headMovedPerMessage = (concurrency - 1) / (40 + 9 * index);
  const attemptsPerMessage = 1 + (concurrency - 1) / (60 + 9 * index);
  const callsPerMessage = (index % 3) + concurrency / 64;
  return {
    ...QUIET,
    concurrency,
    rounds: 6,
    acts: 200,
    backToBack: 100,
    timed: 99,
    gaveUp: 0,
    firstError: null,
    seconds: 200 / actsPerSecond,
    actsPerSecond,
    actsPerSecondInterval: around(actsPerSecond),
    actsPerSecondRounds: [0.9, 1, 1, 1, 1, 1.1].map((factor) => factor * actsPerSecond),
    headMovedPerMessage,
    headMovedPerMessageInterval: around(headMovedPerMessage),
    attemptsPerMessage,
    attemptsPerMessageInterval: around(attemptsPerMessage),
    callsPerMessage,
    callsPerMessageInterval: around(callsPerMessage),
    saved: quantiles(8 + concurrency / 2),
    delivered: quantiles(20 + 4 * concurrency + index),
  };
}

export function pagingOf(index: number): readonly PagingReport[] {
  return [100, 1000].map((messages) => ({
    ...QUIET,
    messages,
    rounds: 6,
    reads: 120,
    latest: quantiles(2 + index),
    day: quantiles(2 + index),
    around: quantiles(3 + index),
    before: null,
  }));
}

function quantiles(p50: number): Quantiles {
  const [p95, p99] = [2.5 * p50, 5 * p50];
  return { p50, p50Interval: around(p50), p95, p95Interval: around(p95), p99, p99Interval: around(p99) };
}
