import {
  type LabServer,
  type Variant,
  type PlacementReport,
  type Report,
  compare,
  comparisonOf,
  GENERATORS,
  type Workload,
} from '@musubi/lab';
import { SeededRandom } from '@musubi/observers';
import { type PartyFigures, type Run } from './figures.js';

/** As many as in a default comparison, of which README speaks. */
export const SIZE = { agents: 24, messages: 240 };
/** Of a default comparison. */
const REDUNDANCY = 5;
/** Of these the page speaks. */
const PARTIES = ['crawler', 'operator', 'whole-disk'];

export interface Asked {
  readonly seeds: readonly number[];
  readonly days: readonly number[];
  readonly variants: readonly Variant[];
}

/** Measures exposure for each seed and load. @param onRun told of each run that is over */
export async function measureExposure(
  server: LabServer,
  { seeds, days, variants }: Asked,
  onRun: (run: Run) => void,
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const many of days) {
    for (const seed of seeds) {
      const report = await reportOf(server, { seed, variants, days: many });
      for (const placement of report.placements) {
        const run = runOf(placement, { seed, days: many, volume: report.controls.volume.auc });
        onRun(run);
        runs.push(run);
      }
    }
  }
  return runs;
}

interface Load {
  readonly seed: number;
  readonly days: number;
  readonly variants: readonly Variant[];
}

function reportOf(server: LabServer, { seed, days, variants }: Load): Promise<Report> {
  const workload = stretched(GENERATORS['small-world'](SIZE, new SeededRandom(seed)), days);
  const choices = { seed, concurrency: [], redundancy: REDUNDANCY, variants, parts: ['observers'] as const };
  return compare(server, comparisonOf(choices, workload), {
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
}

/** The same messages, each as many times later. */
function stretched(workload: Workload, times: number): Workload {
  return { ...workload, events: workload.events.map((event) => ({ ...event, at: event.at * times })) };
}

function runOf(
  { variant, observers, integrity }: PlacementReport,
  of: Pick<Run, 'seed' | 'days' | 'volume'>,
): Run {
  if (observers === null) throw new Error(`${variant} lost messages: ${integrity.witnesses.join(', ')}`);
  const parties = observers
    .filter(({ observer }) => PARTIES.includes(observer))
    .map(({ observer, attacks, notAttempted }): PartyFigures => ({
      observer,
      attacks: attacks.map(({ attack, auc }) => ({ attack, auc })),
      notAttempted,
    }));
  return { variant, ...of, parties };
}
