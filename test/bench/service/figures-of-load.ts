import { p50, p95, p99 } from '../figures.js';
import { type LoopResult } from './closed-loop.js';
import { type LoadResult } from './load.js';
import { type LoadFigures, type Rate } from './report.js';
import { type Spent } from './server.js';

export function loadFigures(
  concurrency: number,
  { latenciesMs, seconds, spent }: LoadResult & { readonly spent: Spent },
): LoadFigures {
  const acts = latenciesMs.length;
  const { apiCpuSeconds, postgresCpuSeconds, loadCpuSeconds, walBytes, statements, busySeconds } = spent;
  return {
    ...rateOf({ concurrency, acts, seconds, latenciesMs }),
    perAct: {
      apiCpuMs: (apiCpuSeconds / acts) * 1000,
      postgresCpuMs: postgresCpuSeconds === null ? null : (postgresCpuSeconds / acts) * 1000,
      loadCpuMs: (loadCpuSeconds / acts) * 1000,
      walBytes: walBytes / acts,
      statements: statements / acts,
    },
    busyShare: busySeconds / seconds,
  };
}

export function floorFigures(
  concurrency: number,
  { spent, ...result }: LoopResult & { readonly spent: Spent },
): Rate & { readonly walBytes: number } {
  return { ...rateOf({ concurrency, ...result }), walBytes: spent.walBytes / result.acts };
}

function rateOf({ concurrency, acts, seconds, latenciesMs }: LoopResult & { concurrency: number }): Rate {
  return {
    concurrency,
    acts,
    perSecond: acts / seconds,
    p50Ms: p50(latenciesMs),
    p95Ms: p95(latenciesMs),
    p99Ms: p99(latenciesMs),
  };
}
