import { runBenchmark } from '../benchmark.js';
import { measureFiles } from './file-memory.js';
import { failuresOf, textOf } from './report.js';

await runBenchmark({
  name: 'bench:files',
  about: 'Measures how much memory of the service the largest file takes, up and down.',
  measure: (signal) => measureFiles({ bytes: 15 * 1024 * 1024, warmUps: 4, rounds: 9 }, signal),
  textOf,
  failuresOf,
});
