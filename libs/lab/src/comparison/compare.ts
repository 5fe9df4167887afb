import { cpus, platform, release, totalmem } from 'node:os';
import { controlsOf } from '../figures/controls.js';
import { edgesOf, truthOf } from '../figures/exposure.js';
import { MachineWatch } from '../machine/machine-watch.js';
import { type LabServer } from '../node/lab-server.js';
import { type RealTime, realTime } from '../node/real-time.js';
import { type Variant } from '../node/variants.js';
import { type Machine, type PlacementReport, type Report } from '../report/report.js';
import { StoppedError, unlessStopped } from '../simulation/stopped-error.js';
import { type Comparison } from './comparison.js';
import { Measurement, type OnStep, type Subject } from './measurement.js';

interface Watcher {
  readonly onProgress: OnStep;
  /** When it aborts, what has been measured by then is the report, and what is under way is left to itself. */
  readonly signal: AbortSignal;
  /** What the rest of the machine does; this machine's kernel is asked when absent. */
  readonly machine?: MachineWatch;
  /** The time of day; this machine's when absent. */
  readonly now?: RealTime;
}

/** Measures each variant on the same workload. A comparison that is stopped gives a partial report. */
export async function compare(server: LabServer, comparison: Comparison, watcher: Watcher): Promise<Report> {
  const { parameters, workload, begun } = comparison;
  const { machine = new MachineWatch(), now = realTime } = watcher;
  const start = now();
  const truth = truthOf(workload);
  const { result, disturbance } = await machine.during(() =>
    allMeasured(server, { ...comparison, truth, machine }, watcher),
  );
  return {
    schema: 'musubi/report/2',
    isPartial: result.isPartial,
    ...takenBy(start, now(), begun),
    machine: machineOf(server),
    disturbance,
    writtenBytes: written(server, begun),
    parameters,
    truth: { agents: truth.agents, edges: edgesOf(truth) },
    controls: controlsOf(truth, parameters.seed),
    placements: result.placements,
  };
}

/** Each variant that was not measured by an earlier run. */
async function allMeasured(
  server: LabServer,
  subject: Omit<Subject, 'variant'>,
  watcher: Watcher,
): Promise<Pick<Report, 'isPartial' | 'placements'>> {
  const placements = [...(subject.begun?.placements ?? [])];
  const isMeasured = ({ name }: Variant): boolean => placements.some(({ variant }) => variant === name);
  for (const variant of subject.variants.filter((asked) => !isMeasured(asked))) {
    const placement = await measured(server, { ...subject, variant }, watcher);
    if (placement === null) return { isPartial: true, placements };
    placements.push(placement);
  }
  return { isPartial: false, placements };
}

/** Of both runs, where it was resumed. */
function written(server: LabServer, begun: Report | undefined): number | null {
  const [now, before] = [server.writtenBytes(), begun === undefined ? 0 : begun.writtenBytes];
  return now === null || before === null ? null : now + before;
}

/** A comparison that was resumed began when it was first begun, and took the seconds of both runs. */
function takenBy(
  start: number,
  end: number,
  begun: Report | undefined,
): Pick<Report, 'startedAt' | 'seconds'> {
  const seconds = Math.round((end - start) / 1000) / 1000;
  if (begun === undefined) return { startedAt: new Date(start / 1000).toISOString(), seconds };
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
