import { type Observer, type PairTable, canaryFinder, messagesBetween } from '@musubi/observers';
import { type FilePartyReport } from '../../report/files-report.js';
import { type FileCanaries, canariesOf } from '../../simulation/sent-files.js';
import { type Simulation } from '../../simulation/simulation.js';
import { type PlannedFile, type Workload, fileSendsOf } from '../../workloads/workload.js';
import { attackByAttack } from '../attacks.js';
import { areaOf } from '../grade.js';
import { type PartyContext, partiesOf } from '../parties.js';
import { FileParts } from './file-parts.js';
import { Unpadded } from './unpadded.js';

/** What each party makes of the files of a simulation that is over; a control comes last. */
export async function fileExposureOf(
  simulation: Simulation,
  workload: Workload,
  context: PartyContext,
): Promise<readonly FilePartyReport[]> {
  const view = new FileExposure(simulation, workload, context);
  const parties = await partiesOf(simulation, context);
  const reports: FilePartyReport[] = [];
  for (const { name, observers } of parties) reports.push(await view.reportOf(name, observers));
  const control = new Unpadded(simulation, workload);
  return [...reports, await view.reportOf(control.name, [control])];
}

class FileExposure {
  private readonly files: readonly PlannedFile[];
  private readonly bytes: number;
  /** Who sent whom a file. */
  private readonly truth: PairTable;
  private readonly finder: ReturnType<typeof canaryFinder>;

  constructor(
    private readonly simulation: Simulation,
    workload: Workload,
    private readonly context: PartyContext,
  ) {
    const sends = fileSendsOf(workload);
    this.files = differentOf(sends.map(({ file }) => file));
    this.bytes = sends.reduce((all, { file }) => all + file.bytes, 0);
    this.truth = messagesBetween(context.truth.agents, sends);
    this.finder = canaryFinder(this.files.flatMap((file) => Object.values<string>({ ...canariesOf(file) })));
  }

  async reportOf(name: string, observers: readonly Observer[]): Promise<FilePartyReport> {
    const views: FileParts[] = [];
    for (const observer of observers) views.push(await this.read(observer));
    const most = (count: (view: FileParts) => number): number => Math.max(...views.map(count));
    const planted = (key: keyof FileCanaries): number =>
      most(({ found }) => this.files.filter((file) => found.has(canariesOf(file)[key])).length);
    const { agents } = this.truth;
    const attacks = attackByAttack(
      views.map((view) => view.attacks(agents)),
      agents,
    );
    const judging = { truth: this.truth, seed: this.context.seed };
    return {
      observer: name,
      parties: views.length,
      parts: most(({ count }) => count),
      seenPerByte: most(({ bytes }) => bytes) / this.bytes,
      lengths: most(({ lengths }) => lengths),
      contents: planted('content'),
      names: planted('name'),
      types: planted('mediaType'),
      attacks: attacks.map((attack) => areaOf(attack, judging)),
    };
  }

  private async read(observer: Observer): Promise<FileParts> {
    const parts = new FileParts(this.simulation.node.agents, this.finder);
    for await (const row of observer.rows()) parts.take(row);
    return parts;
  }
}

/** Files of one kind and size are one. */
export function differentOf(files: readonly PlannedFile[]): readonly PlannedFile[] {
  return [...new Map(files.map((file) => [`${file.kind} ${file.bytes}`, file])).values()];
}
