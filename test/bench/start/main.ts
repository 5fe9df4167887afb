import { runBenchmark } from '../benchmark.js';
import { failuresOf, textOf } from './report.js';
import { measureStarts } from './start-times.js';

await runBenchmark({
  name: 'bench:start',
  about: 'Measures the call for the start of a client, for agents with little and with much.',
  measure: (signal) =>
    measureStarts(
      {
        sizes: [
          { contacts: 10, messages: 100 },
          { contacts: 10_000, messages: 100_000 },
        ],
        calls: 40,
      },
      signal,
    ),
  textOf,
  failuresOf,
});
