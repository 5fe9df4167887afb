import { performance } from 'node:perf_hooks';
import {
  readFaults,
  ReportFolder,
  summaryOf,
  UsageError,
  verdictOf,
  startLabServer,
  reportPage,
  type Report,
  compare,
  type Comparison,
  comparisonOf,
  type Workload,
} from '@musubi/lab';
import { type CompareArguments, compareHelp, parseCompareArguments } from './cli/arguments.js';
import { Progress } from './cli/progress.js';
import { STOPPED_EXIT, stopSignal } from './cli/stop-signal.js';
import { readUnfinished } from './cli/unfinished-report.js';
import { workloadFor, writeTrace } from './cli/workload-file.js';

async function comparisonFor(asked: CompareArguments, workload: Workload): Promise<Comparison> {
  const faults = asked.faults === undefined ? [] : await readFaults(asked.faults, workload.agents);
  const comparison = comparisonOf({ ...asked, faults }, workload);
  const begun = asked.isResumed ? await readUnfinished(asked.out, comparison.parameters) : undefined;
  return { ...comparison, begun };
}

async function measure(comparison: Comparison, signal: AbortSignal): Promise<Report> {
  const progress = new Progress(process.stderr, () => performance.now());
  const server = await startLabServer();
  try {
    return await compare(server, comparison, {
      signal,
      onProgress: (part, done, all) => {
        progress.show(part, done, all);
      },
    });
  } finally {
    progress.end();
    await server.close();
  }
}

/** @returns the code to exit with */
async function report(asked: CompareArguments, comparison: Comparison): Promise<number> {
  const folder = await ReportFolder.open(asked.out);
  const signal = stopSignal();
  try {
    const measured = await measure(comparison, signal);
    const paths = [
      await folder.write('report.json', `${JSON.stringify(measured, null, 2)}\n`),
      await folder.write('report.html', reportPage(measured)),
    ];
    console.log(`${summaryOf(measured)}\n\n${paths.join('\n')}`);
    const faults = asked.isVerified ? verdictOf(measured) : [];
    for (const fault of faults) console.error(fault);
    if (measured.isPartial) return STOPPED_EXIT;
    return faults.length === 0 ? 0 : 1;
  } catch (error) {
    await folder.discard();
    // Ctrl-C reaches a database that is being made, too, and ends that.
    if (!signal.aborted) throw error;
    console.error('Stopped before anything was measured.');
    return STOPPED_EXIT;
  }
}

async function run(given: readonly string[]): Promise<number> {
  const asked = parseCompareArguments(given);
  if (asked.isHelp) {
    console.log(compareHelp());
    return 0;
  }
  const workload = await workloadFor(asked);
  if (asked.writeTrace !== undefined) {
    await writeTrace(asked.writeTrace, workload);
    return 0;
  }
  return report(asked, await comparisonFor(asked, workload));
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// What a comparison that was stopped has left under way may wait for good.
if (process.exitCode === STOPPED_EXIT) process.exit();
