import { describe, expect, it } from '@jest/globals';
import { fitScaling } from '../../src/figures/scaling.js';

interface Law {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
}

function rateOf({ lambda, sigma, kappa }: Law, senders: number): number {
  return (lambda * senders) / (1 + sigma * (senders - 1) + kappa * senders * (senders - 1));
}

function pointsOf(law: Law, senders: readonly number[]): Parameters<typeof fitScaling>[0] {
  return senders.map((concurrency) => {
    const perSecond = rateOf(law, concurrency);
    return { concurrency, perSecond, rounds: [0.95 * perSecond, 1.05 * perSecond] };
  });
}

describe('the Universal Scalability Law', () => {
  it.each<Law>([
    { lambda: 100, sigma: 0, kappa: 0 },
    { lambda: 995.6, sigma: 0.0267, kappa: 0.000769 },
    { lambda: 40, sigma: 0.7, kappa: 0 },
    { lambda: 210, sigma: 0.05, kappa: 0.02 },
  ])('is found again in rates that follow it: %j', (law) => {
    const fit = fitScaling(pointsOf(law, [1, 2, 4, 8, 16, 32]));

    expect(fit?.r2).toBeGreaterThan(0.9999);
    expect((fit?.lambda ?? 0) / law.lambda).toBeCloseTo(1, 2);
    expect(fit?.sigma).toBeCloseTo(law.sigma, 2);
    expect(fit?.kappa).toBeCloseTo(law.kappa, 3);
  });

  it('has the fits to single rounds for an interval', () => {
    const fit = fitScaling(pointsOf({ lambda: 100, sigma: 0.05, kappa: 0 }, [1, 2, 4, 8]));

    expect(fit?.lambdaInterval.map(Math.round)).toEqual([95, 105]);
  });

  it('fits badly what does not follow it', () => {
    const perSecond = [100, 10, 300, 20, 200];
    const fit = fitScaling(
      perSecond.map((rate, index) => ({ concurrency: 2 ** index, perSecond: rate, rounds: [rate] })),
    );

    expect(fit?.r2).toBeLessThan(0.5);
  });

  it('is not fitted to fewer than three numbers of senders', () => {
    expect(fitScaling(pointsOf({ lambda: 1, sigma: 0, kappa: 0 }, [1, 8]))).toBeNull();
    expect(fitScaling(pointsOf({ lambda: 1, sigma: 0, kappa: 0 }, [1, 8, 8, 1]))).toBeNull();
  });
});
