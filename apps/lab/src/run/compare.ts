import { cpus, platform, release, totalmem } from 'node:os';
import { type PairTable } from '@musubi/observers';
import { costOf } from '../figures/cost.js';
import { controlsOf, edgesOf, exposureOf, truthOf } from '../figures/exposure.js';
import { faultMatrix } from '../figures/fault-matrix.js';
import { checkIntegrity, holds } from '../figures/integrity.js';
import { fitScaling } from '../figures/scaling.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import {
  type LoadReport,
  type Machine,
  type Parameters,
  type PlacementReport,
  type Report,
} from '../report/report.js';
import { type Workload, sendsOf } from '../workloads/workload.js';
import { loadPlacement } from './load.js';
import { StoppedError } from './stopped-error.js';
import { simulate } from './simulation.js';

/** What is to be compared, and on what. */
export interface Comparison {
  readonly variants: readonly Variant[];
  readonly workload: Workload;
  readonly parameters: Parameters;
  /** Messages in the load figures, for each number of senders. */
  readonly loadMessages: number;
}

export interface Watcher {
  /** Told what is going on. `done` of `all` events of this part are over. */
  readonly onProgress: (part: string, done: number, all: number) => void;
  /** When it aborts, what has been measured by then is the report. */
  readonly signal: AbortSignal;
}

/** Measures each variant on the same workload. A comparison that is stopped gives a partial report. */
export async function compare(server: LabServer, comparison: Comparison, watcher: Watcher): Promise<Report> {
  const begun = Date.now();
  const { parameters, workload, variants } = comparison;
  const truth = truthOf(workload);
  const placements: PlacementReport[] = [];
  let isPartial = false;
  for (const variant of variants) {
    try {
      placements.push(await new Measurement(server, { ...comparison, variant, truth }, watcher).run());
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
      isPartial = true;
      break;
    }
  }
  return {
    schema: 'musubi/report/1',
    isPartial,
    startedAt: new Date(begun).toISOString(),
    seconds: (Date.now() - begun) / 1000,
    machine: machineOf(server),
    parameters,
    truth: { agents: truth.agents, edges: edgesOf(truth) },
    controls: controlsOf(truth, parameters.seed),
    placements,
  };
}

interface Subject extends Comparison {
  readonly variant: Variant;
  readonly truth: PairTable;
}

/** All figures of one variant. */
class Measurement {
  constructor(
    private readonly server: LabServer,
    private readonly subject: Subject,
    private readonly watcher: Watcher,
  ) {}

  async run(): Promise<PlacementReport> {
    const { variant } = this.subject;
    const { server } = this;
    const { seed } = this.subject.parameters;
    const { strategy, name, options } = variant;
    const { integrity, observers, guarantees } = await this.simulated();
    const common = { variant: name, strategy, options, guarantees };
    if (!holds(integrity)) {
      return { ...common, integrity, cost: null, observers: null, load: null, faults: null, receipts: null };
    }
    this.step('cost');
    const cost = await costOf({ server, variant }, seed);
    this.step('faults');
    const faults = await faultMatrix({ server, variant }, seed);
    const load = await this.loaded();
    return { ...common, integrity, cost, observers, load, faults, receipts: null };
  }

  private async simulated(): Promise<Pick<PlacementReport, 'integrity' | 'observers' | 'guarantees'>> {
    const { server } = this;
    const { variant, workload, truth, parameters } = this.subject;
    const all = workload.events.length;
    const simulation = await simulate(
      { server, variant, workload },
      {
        seed: parameters.seed,
        onEvent: (done) => {
          this.step('messages', done, all);
        },
      },
    );
    try {
      const { node, sent } = simulation;
      const integrity = await checkIntegrity(node, sent);
      this.step('observers');
      const observers = holds(integrity) ? await exposureOf(simulation, truth, parameters) : null;
      return { integrity, observers, guarantees: { ...node.strategy.guarantees } };
    } finally {
      await simulation.node.close();
    }
  }

  private async loaded(): Promise<LoadReport> {
    const { server } = this;
    const { variant, workload, parameters, loadMessages } = this.subject;
    const sends = spread(workload, loadMessages);
    const points = [];
    for (const [done, concurrency] of parameters.concurrency.entries()) {
      this.step('load', done, parameters.concurrency.length);
      const options = { concurrency, sends, agents: workload.agents, seed: parameters.seed };
      const { point, integrity } = await loadPlacement({ server, variant }, options);
      // What was measured while messages were lost is no figure of a placement that keeps them.
      if (holds(integrity)) points.push(point);
    }
    const found = points.map(({ concurrency, actsPerSecond }) => ({ concurrency, perSecond: actsPerSecond }));
    return { points, scaling: fitScaling(found) };
  }

  /** @throws StoppedError */
  private step(part: string, done = 0, all = 1): void {
    if (this.watcher.signal.aborted) throw new StoppedError('the comparison was stopped');
    this.watcher.onProgress(`${this.subject.variant.name}: ${part}`, done, all);
  }
}

/** So many sends of a workload, evenly from all of it, over and over where it has fewer. */
function spread(workload: Workload, count: number): ReturnType<typeof sendsOf> {
  const sends = sendsOf(workload);
  const chosen = Array.from(
    { length: count },
    (_, index) => sends[Math.floor((index * sends.length) / count)],
  );
  return chosen.filter((send) => send !== undefined);
}

function machineOf({ version }: LabServer): Machine {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()}`,
    node: process.version,
    postgres: version,
  };
}
