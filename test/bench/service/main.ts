import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError, benchHelp, parseBenchArguments } from './arguments.js';
import { writeDocs } from './docs.js';
import { lossOf } from './ledger.js';
import { medianOf } from './median.js';
import { type BenchReport } from './report.js';
import { runBench } from './run.js';
import { tablesOf, textOf } from './tables.js';

async function run(words: readonly string[]): Promise<void> {
  const settings = parseBenchArguments(words);
  if (settings === null) {
    console.log(benchHelp());
    return;
  }
  const runOnce = async (): Promise<BenchReport> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'musubi-bench-'));
    try {
      return await runBench(settings, dataDir);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  };
  const first = await runOnce();
  const further: BenchReport[] = [];
  while (further.length < settings.runs - 1) further.push(await runOnce());
  const report = withHottestOf(first, medianOf([first, ...further]));
  console.log(tablesOf(report).map(textOf).join('\n\n'));
  if (settings.out !== undefined) {
    await writeFile(settings.out, `${JSON.stringify({ report, runs: [first, ...further] }, null, 2)}\n`);
  }
  if (settings.writesDocs) await writeDocs(report);
  const isLost = [first, ...further].some(({ losses }) => losses.some((loss) => lossOf(loss) > 0));
  if (isLost) process.exitCode = 1;
}

/** Which functions are hottest has no median: one run's are shown. */
function withHottestOf(first: BenchReport, merged: BenchReport): BenchReport {
  const placements = merged.placements.map((placement, index) => {
    const hottest = first.placements[index]?.profile?.hottest;
    const { profile } = placement;
    return profile === null || hottest === undefined
      ? placement
      : { ...placement, profile: { ...profile, hottest } };
  });
  return { ...merged, placements };
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
