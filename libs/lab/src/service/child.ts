import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { EmbeddedPostgresError } from '@musubi/embedded-postgres';
import { SeededRandom } from '@musubi/observers';
import { compare } from '../comparison/compare.js';
import { comparisonOf } from '../comparison/comparison.js';
import { ReportFolder } from '../comparison/report-folder.js';
import { temporaryOf } from '../node/lab-folder.js';
import { startLabServer } from '../node/lab-server.js';
import { reportPage } from '../page/report-page.js';
import { type Report } from '../report/report.js';
import { GENERATORS } from '../workloads/generators.js';
import { type Assignment, type Failure, type Reported, STOP, assignmentSchema } from './messages.js';
import { variantsOf } from './order.js';
import { ProgressTeller } from './progress-teller.js';

/**
 * One comparison in a process of its own, for a service that forked it: tells it how far it is, and ends when it is told
 * to, on a signal, or when the service is gone.
 */

/** Resolves when it is said, or when there is nobody to say it to. */
function say(reported: Reported): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else
      process.send(reported, undefined, undefined, () => {
        resolve();
      });
  });
}

function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.on('disconnect', stop);
  process.on('message', (told) => {
    if (told === STOP) stop();
  });
  // Ctrl-C in a terminal reaches this process beside the service.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

async function measure({ order, folder }: Assignment, signal: AbortSignal): Promise<Report> {
  const variants = variantsOf(order);
  const names = variants.map(({ name }) => name);
  const teller = new ProgressTeller(
    names,
    () => performance.now(),
    (progress) => void say({ kind: 'progress', progress }),
  );
  const workload = GENERATORS[order.workload](order, new SeededRandom(order.seed));
  teller.begin('database');
  const server = await startLabServer(temporaryOf(folder));
  try {
    return await compare(server, comparisonOf({ ...order, variants }, workload), {
      signal,
      onProgress: teller.onStep,
    });
  } finally {
    await server.close();
    // The service may be gone, and nobody else do it.
    await rm(temporaryOf(folder), { recursive: true, force: true });
  }
}

async function run(assignment: Assignment, signal: AbortSignal): Promise<Reported> {
  const folder = await ReportFolder.open(assignment.folder);
  try {
    const report = await measure(assignment, signal);
    if (report.placements.length > 0) {
      await folder.write('report.html', reportPage(report));
      await folder.write('report.json', `${JSON.stringify(report, null, 2)}\n`);
    }
    return { kind: report.isPartial ? 'stopped' : 'finished' };
  } catch (error) {
    // A signal reaches a database that is being made, too, and ends that.
    return signal.aborted ? { kind: 'stopped' } : { kind: 'failed', failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof EmbeddedPostgresError ? 'database-unavailable' : 'internal', message };
}

const given = assignmentSchema.parse(JSON.parse(process.argv[2] ?? ''));
await say(await run(given, stopSignal()));
// What a comparison that was stopped has left under way may wait for good.
process.exit();
