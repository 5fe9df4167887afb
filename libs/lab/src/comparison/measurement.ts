import { type PairTable, SeededRandom } from '@musubi/observers';
import { costOf } from '../figures/cost.js';
import { declaredOf } from '../figures/declared.js';
import { Exposure } from '../figures/exposure.js';
import { faultMatrix } from '../figures/fault-matrix.js';
import { fileCostOf } from '../figures/files/file-cost.js';
import { fileExposureOf } from '../figures/files/file-exposure.js';
import { fileFaultsOf } from '../figures/files/file-faults.js';
import { filesSentIn } from '../figures/files/files-sent.js';
import { filesOneByOne } from '../figures/files/one-by-one.js';
import { checkIntegrity, holds } from '../figures/integrity.js';
import { pagingOf } from '../figures/paging.js';
import { glimpsesDue } from '../figures/rank-one.js';
import { receiptPrices } from '../figures/receipt-price.js';
import { fitScaling } from '../figures/scaling.js';
import { snapshotsDue } from '../figures/snapshots.js';
import { type MachineWatch } from '../machine/machine-watch.js';
import { type LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import {
  type FilesReport,
  type LoadReport,
  type PagingReport,
  type PlacementReport,
} from '../report/report.js';
import { START, type Simulation, simulate } from '../simulation/simulation.js';
import { variedTexts } from '../simulation/texts.js';
import { rulesFor } from '../workloads/simulated-faults.js';
import { type Send, type WorkloadEvent, sendsOf, withoutFiles } from '../workloads/workload.js';
import { type Comparison } from './comparison.js';
import { loadPlacement } from './load.js';
import { type Part } from './parts.js';

export interface Subject extends Comparison {
  readonly variant: Variant;
  readonly truth: PairTable;
  readonly machine: MachineWatch;
}

/** Told what is going on. `done` of `all` steps of this part are over; what it throws ends the measurement. */
export type OnStep = (part: string, done: number, all: number) => void;

/** Acts that each sender adds to each half of a round, so that all senders are at work for most of it. */
const PER_SENDER = 3;

interface Simulated {
  readonly figures: Pick<PlacementReport, 'integrity' | 'observers' | 'paging' | 'guarantees'>;
  readonly fileParties: FilesReport['parties'];
}

/** All figures of one variant. */
export class Measurement {
  constructor(
    private readonly server: LabServer,
    private readonly subject: Subject,
    private readonly onStep: OnStep,
  ) {}

  async run(): Promise<PlacementReport> {
    const { server } = this;
    const { variant, parameters } = this.subject;
    const parts = { server, variant };
    const { figures, fileParties } = await this.simulated();
    const { strategy, name, options } = variant;
    const unmeasured = { cost: null, load: null, faults: null, receipts: null, declared: null };
    const common = { variant: name, strategy, options, ...figures, ...unmeasured };
    if (!holds(figures.integrity)) return common;
    const cost = await this.part('cost', () => costOf(parts, parameters.seed));
    const faults = await this.part('faults', () => faultMatrix(parts, parameters.seed));
    const declared = await this.part('declared', () => declaredOf(parts));
    const load = await this.part('load', () => this.loaded());
    const receipts = name === strategy ? await this.part('receipts', () => this.priced()) : null;
    const files = await this.files(fileParties);
    return { ...common, cost, faults, declared, load, receipts, ...files };
  }

  /** Nothing, where the workload has no files. */
  private async files(parties: FilesReport['parties']): Promise<Pick<PlacementReport, 'files'>> {
    const { server } = this;
    const { variant, workload, parameters } = this.subject;
    const sent = filesSentIn(workload);
    if (sent === null) return {};
    const parts = { server, variant };
    const cost = await this.part(
      'cost',
      () => fileCostOf({ ...parts, workload }, parameters.seed),
      'files, cost',
    );
    const oneByOne = await this.part(
      'observers',
      () => filesOneByOne(parts, parameters),
      'files, one by one',
    );
    const faults = await this.part('faults', () => fileFaultsOf(parts, parameters.seed), 'files, faults');
    return { files: { sent, cost, parties, oneByOne, faults } };
  }

  /** @returns `null` where it was not asked for */
  private async part<Figures>(
    part: Part,
    measure: () => Promise<Figures>,
    name: string = part,
  ): Promise<Figures | null> {
    if (!this.subject.parts.includes(part)) return null;
    this.step(name);
    return measure();
  }

  private async simulated(): Promise<Simulated> {
    const { server } = this;
    const { variant, workload, truth, parameters, faults, machine } = this.subject;
    const all = workload.events.length;
    const pages = new PageTurner(machine);
    const exposure = new Exposure({ ...parameters, truth });
    const isLookedAt = this.subject.parts.includes('observers');
    const due = isLookedAt ? glimpsesDue(all) : new Set<number>();
    const kept = isLookedAt ? snapshotsDue(workload) : new Set<number>();
    const suffer = ({ networkFaults, agents }: LabNode): void => {
      networkFaults.set(rulesFor(faults, agents));
    };
    const simulation = await simulate(
      { server, variant, workload },
      {
        seed: parameters.seed,
        textOf: variedTexts(new SeededRandom(parameters.seed)),
        onEvent: async (done, soFar) => {
          this.step('messages', done, all);
          if (due.has(done)) await exposure.glimpse(soFar);
          if (kept.has(done)) await exposure.snapshot(soFar);
          await pages.before(workload.events[done], soFar.node);
        },
        ...(faults.length > 0 ? { suffer } : {}),
      },
    );
    try {
      return await this.judged(simulation, { exposure, pages });
    } finally {
      await simulation.node.close();
      await server.drop(simulation.node.db);
    }
  }

  private async judged(
    simulation: Simulation,
    { exposure, pages }: { readonly exposure: Exposure; readonly pages: PageTurner },
  ): Promise<Simulated> {
    const { parameters, truth, workload } = this.subject;
    const { node, sent } = simulation;
    this.step('integrity');
    const integrity = await checkIntegrity(node, sent);
    const observers = holds(integrity)
      ? await this.part('observers', () => exposure.reports(simulation))
      : null;
    const isUnseen = observers === null || filesSentIn(workload) === null;
    return {
      figures: {
        integrity,
        observers,
        paging: holds(integrity) ? pages.found : null,
        guarantees: { ...node.strategy.guarantees },
      },
      fileParties: isUnseen ? null : await fileExposureOf(simulation, workload, { ...parameters, truth }),
    };
  }

  /** Of texts: a receipt is the same for a file. */
  private priced(): Promise<PlacementReport['receipts']> {
    const { variant, parameters } = this.subject;
    const workload = withoutFiles(this.subject.workload);
    return receiptPrices({ server: this.server, variant, workload }, parameters);
  }

  private async loaded(): Promise<LoadReport> {
    const { server } = this;
    const { variant, workload, parameters, loadMessages, machine } = this.subject;
    const points = [];
    for (const [done, concurrency] of parameters.concurrency.entries()) {
      this.step('load', done, parameters.concurrency.length);
      const count = loadMessages + PER_SENDER * concurrency;
      const { sends, agents } = renumbered(spread(sendsOf(workload), count));
      const options = { concurrency, sends, agents, seed: parameters.seed };
      const { point, integrity } = await loadPlacement({ server, variant, machine }, options);
      // What was measured while messages were lost is no figure of a placement that keeps them.
      if (holds(integrity)) points.push(point);
    }
    const found = points
      .filter(({ notValid }) => notValid === null)
      .map(({ concurrency, actsPerSecond, actsPerSecondRounds }) => {
        return { concurrency, perSecond: actsPerSecond, rounds: actsPerSecondRounds };
      });
    return { points, scaling: fitScaling(found) };
  }

  private step(part: string, done = 0, all = 1): void {
    this.onStep(`${this.subject.variant.name}: ${part}`, done, all);
  }
}

/** Reads pages where the workload says so. */
class PageTurner {
  private messages = 0;
  private readonly reports: PagingReport[] = [];

  constructor(private readonly machine: MachineWatch) {}

  /** `null` where no pages were to be read. */
  get found(): readonly PagingReport[] | null {
    return this.reports.length === 0 ? null : this.reports;
  }

  async before(event: WorkloadEvent | undefined, node: LabNode): Promise<void> {
    if (event?.kind === 'send') this.messages += 1;
    if (event?.kind !== 'read-pages') return;
    this.reports.push(
      await pagingOf(node, { reads: event, begun: START, messages: this.messages, machine: this.machine }),
    );
  }
}

/** The same sends among no more agents than take part in them: nobody else need join. */
function renumbered(sends: readonly Send[]): { readonly sends: readonly Send[]; readonly agents: number } {
  const taking = [...new Set(sends.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const numbers = new Map(taking.map((agent, number) => [agent, number]));
  const numberOf = (agent: number): number => numbers.get(agent) ?? agent;
  const own = sends.map((send) => ({ ...send, from: numberOf(send.from), to: numberOf(send.to) }));
  return { sends: own, agents: taking.length };
}

/** So many of the sends, evenly from all of them, over and over where there are fewer. */
function spread<Item>(sends: readonly Item[], count: number): readonly Item[] {
  const chosen = Array.from(
    { length: count },
    (_, index) => sends[Math.floor((index * sends.length) / count)],
  );
  return chosen.filter((send) => send !== undefined);
}
