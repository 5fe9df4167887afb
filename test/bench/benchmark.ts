import { script } from '../support/script.js';
import { startDurablePostgres } from '../support/start-postgres.js';
import stopPostgres from '../support/stop-postgres.js';

/** As a shell has it, for what Ctrl-C ended. */
const INTERRUPTED = 130;

interface Benchmark<Report> {
  /** As in package.json. */
  readonly name: string;
  readonly about: string;
  measure(signal: AbortSignal): Promise<Report>;
  textOf(report: Report): string;
  /** The bounds that do not hold. */
  failuresOf(report: Report): readonly string[];
}

/** Runs a benchmark on a PostgreSQL of its own. Sets the exit code: 1 when a bound does not hold. */
export async function runBenchmark<Report>(benchmark: Benchmark<Report>): Promise<void> {
  const { json } = script(benchmark.name, benchmark.about)
    .option('--json', 'prints the figures as JSON', false)
    .parse()
    .opts<{ readonly json: boolean }>();
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  await startDurablePostgres();
  try {
    const report = await benchmark.measure(interruption.signal);
    console.log(json ? JSON.stringify(report, null, 2) : benchmark.textOf(report));
    if (benchmark.failuresOf(report).length > 0) process.exitCode = 1;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = INTERRUPTED;
  } finally {
    await stopPostgres();
  }
}
