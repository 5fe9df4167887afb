import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { useFastestPrimitives } from '@musubi/crypto';
import { SeededRandom } from '@musubi/observers';
import { USAGE, type CompareArguments, parseCompareArguments } from './cli/arguments.js';
import { Progress } from './cli/progress.js';
import { ReportFolder } from './cli/report-folder.js';
import { summaryOf } from './cli/summary.js';
import { UsageError } from './cli/usage-error.js';
import { startLabServer } from './node/lab-server.js';
import { reportPage } from './report/page/report-page.js';
import { type Report } from './report/report.js';
import { compare } from './run/compare.js';
import { GENERATORS } from './workloads/generators.js';
import { parseTrace } from './workloads/trace.js';
import { type Workload, sendsOf } from './workloads/workload.js';

const LOAD_MESSAGES = 160;

async function workloadFor({
  workload,
  trace,
  compress,
  agents,
  messages,
  seed,
}: CompareArguments): Promise<Workload> {
  if (trace === undefined) return GENERATORS[workload]({ agents, messages }, new SeededRandom(seed));
  try {
    return parseTrace(await readFile(trace, 'utf8'), compress);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The trace ${trace} cannot be read.`);
  }
}

/** Ctrl-C ends the comparison with what there is; a second one ends everything. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  process.once('SIGINT', () => {
    stopping.abort();
  });
  return stopping.signal;
}

async function measure(asked: CompareArguments, workload: Workload): Promise<Report> {
  await useFastestPrimitives();
  const progress = new Progress(process.stderr, () => performance.now());
  const server = await startLabServer();
  try {
    const { seed, concurrency, redundancy, variants } = asked;
    return await compare(
      server,
      {
        variants,
        workload,
        loadMessages: LOAD_MESSAGES,
        parameters: {
          seed,
          workload: workload.name,
          agents: workload.agents,
          messages: sendsOf(workload).length,
          concurrency,
          redundancy,
          variants: variants.map(({ name }) => name),
        },
      },
      {
        signal: stopSignal(),
        onProgress: (part, done, all) => {
          progress.show(part, done, all);
        },
      },
    );
  } finally {
    progress.end();
    await server.close();
  }
}

try {
  const asked = parseCompareArguments(process.argv.slice(2));
  if (asked.isHelp) {
    console.log(USAGE);
  } else {
    const workload = await workloadFor(asked);
    const folder = await ReportFolder.open(asked.out);
    const report = await measure(asked, workload);
    const paths = [
      await folder.write('report.json', `${JSON.stringify(report, null, 2)}\n`),
      await folder.write('report.html', reportPage(report)),
    ];
    console.log(`${summaryOf(report)}\n\n${paths.join('\n')}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
