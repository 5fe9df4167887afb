import { SeededRandom } from '@musubi/observers';
import { Exposure, truthOf } from '../../src/figures/exposure.js';
import { type LabNode } from '../../src/node/lab-node.js';
import { type ObserverReport } from '../../src/report/report.js';
import { simulate } from '../../src/simulation/simulation.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { type TestLabServer } from './test-lab-server.js';
import { variantNamed } from './variant-named.js';

export const SEED = 1;
const workload = GENERATORS['small-world']({ agents: 12, messages: 40 }, new SeededRandom(SEED));
export const truth = truthOf(workload);

export type Reports = ReadonlyMap<string, ObserverReport>;

export interface Circumstances {
  /** Whom the node works as, from the first message on; the tests' own when absent. */
  readonly role?: string;
  /** Before which events the operator keeps what it reads. */
  readonly snapshotsAt?: readonly number[];
}

export async function exposureOf(
  server: TestLabServer,
  variant: string,
  { role, snapshotsAt = [] }: Circumstances = {},
): Promise<Reports> {
  const exposure = new Exposure({ seed: SEED, truth, redundancy: 3 });
  const parts = { server, variant: variantNamed(variant), workload };
  const simulation = await simulate(parts, {
    seed: SEED,
    onEvent: async (done, soFar) => {
      if (done === 0 && role !== undefined) await workAs(role, soFar.node);
      if (done === 20) await exposure.glimpse(soFar);
      if (snapshotsAt.includes(done)) await exposure.snapshot(soFar);
    },
  });
  const reports = await exposure.reports(simulation);
  await simulation.node.close();
  return new Map(reports.map((report) => [report.observer, report]));
}

async function workAs(role: string, { db }: LabNode): Promise<void> {
  await db.query(`grant all on all tables in schema public to ${role}`);
  await db.query(`set role ${role}`);
}

/** AUC by one clue; `null` where there was nothing of the kind. */
export function areaOf(reports: Reports, observer: string, clue: string): number | null {
  return reports.get(observer)?.attacks.find(({ attack }) => attack === clue)?.auc ?? null;
}

export function readClues(reports: Reports, observer: string): readonly (number | null)[] {
  return ['named-together', 'shared-value'].map((clue) => areaOf(reports, observer, clue));
}
