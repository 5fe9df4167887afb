import { runBenchmark } from '../benchmark.js';
import { measureFairness } from './fairness.js';
import { failuresOf, textOf } from './report.js';

const SETTINGS = { sends: 100, rounds: 3, crowd: 10, readers: 16 } as const;

await runBenchmark({
  name: 'bench:fairness',
  about: 'Measures what attackers within their limits do to others.',
  measure: (signal) => measureFairness(SETTINGS, signal),
  textOf,
  failuresOf,
});
