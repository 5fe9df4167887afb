import { cpus, platform, release, totalmem } from 'node:os';
import { controlsOf } from '../figures/controls.js';
import { edgesOf, truthOf } from '../figures/exposure.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type Machine, type PlacementReport, type Report } from '../report/report.js';
import { type Comparison } from './comparison.js';
import { Measurement, type OnStep, type Subject } from './measurement.js';
import { StoppedError, unlessStopped } from './stopped-error.js';

export interface Watcher {
  readonly onProgress: OnStep;
  /** When it aborts, what has been measured by then is the report, and what is under way is left to itself. */
  readonly signal: AbortSignal;
}

/** Measures each variant on the same workload. A comparison that is stopped gives a partial report. */
export async function compare(server: LabServer, comparison: Comparison, watcher: Watcher): Promise<Report> {
  const start = Date.now();
  const { parameters, workload, variants, begun } = comparison;
  const truth = truthOf(workload);
  const placements = [...(begun?.placements ?? [])];
  const isMeasured = ({ name }: Variant): boolean => placements.some(({ variant }) => variant === name);
  let isPartial = false;
  for (const variant of variants.filter((asked) => !isMeasured(asked))) {
    const placement = await measured(server, { ...comparison, variant, truth }, watcher);
    isPartial = placement === null;
    if (placement === null) break;
    placements.push(placement);
  }
  return {
    schema: 'musubi/report/1',
    isPartial,
    ...takenBy(start, begun),
    machine: machineOf(server),
    parameters,
    truth: { agents: truth.agents, edges: edgesOf(truth) },
    controls: controlsOf(truth, parameters.seed),
    placements,
  };
}

/** A comparison that was resumed began when it was first begun, and took the seconds of both runs. */
function takenBy(start: number, begun: Report | undefined): Pick<Report, 'startedAt' | 'seconds'> {
  const seconds = (Date.now() - start) / 1000;
  if (begun === undefined) return { startedAt: new Date(start).toISOString(), seconds };
  return { startedAt: begun.startedAt, seconds: begun.seconds + seconds };
}

/** @returns `null` when it was stopped */
async function measured(
  server: LabServer,
  subject: Subject,
  { signal, onProgress }: Watcher,
): Promise<PlacementReport | null> {
  const onStep: OnStep = (part, done, all) => {
    if (signal.aborted) throw new StoppedError('the comparison was stopped');
    onProgress(part, done, all);
  };
  try {
    return await unlessStopped(signal, new Measurement(server, subject, onStep).run());
  } catch (error) {
    if (error instanceof StoppedError) return null;
    throw error;
  }
}

export function machineOf({ version }: Pick<LabServer, 'version'>): Machine {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()}`,
    node: process.version,
    postgres: version,
  };
}
