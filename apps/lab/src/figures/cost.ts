import { type DataSource } from 'typeorm';
import { type LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type CostReport } from '../report/report.js';
import { simulate } from '../run/simulation.js';
import { type Send, workloadOf } from '../workloads/workload.js';

/** What a database holds. */
export interface Footprint {
  readonly rows: number;
  /** As PostgreSQL stores the rows, without indexes and free space. */
  readonly bytes: number;
}

/** Everything that is stored, in every table. */
export async function footprintOf(db: DataSource): Promise<Footprint> {
  const tables = db.entityMetadatas.map(({ tableName }) => tableName);
  const sums = tables.map(
    (table) =>
      `select count(*)::int as rows, coalesce(sum(pg_column_size(t)), 0)::bigint as bytes from "${table}" t`,
  );
  const [found] = await db.query<{ rows: string; bytes: string }[]>(
    `select sum(rows) as rows, sum(bytes) as bytes from (${sums.join(' union all ')}) as each_table`,
  );
  return { rows: Number(found?.rows ?? 0), bytes: Number(found?.bytes ?? 0) };
}

export function difference(after: Footprint, before: Footprint): Footprint {
  return { rows: after.rows - before.rows, bytes: after.bytes - before.bytes };
}

const AGENTS = 6;
const LATER = 10;

/** What an agent, a pair and a message cost in one placement: a run of its own, small and exact. */
export async function costOf(
  parts: { readonly server: LabServer; readonly variant: Variant },
  seed: number,
): Promise<CostReport> {
  const pairs = AGENTS / 2;
  const firsts = Array.from({ length: pairs }, (_, pair): Send => sendAt(pair, pair));
  const later = Array.from({ length: pairs * LATER }, (_, index) => sendAt(pairs + index, index % pairs));
  const marks: Footprint[] = [];
  const mark = async (node: LabNode): Promise<void> => {
    marks.push(await footprintOf(node.db));
  };
  const workload = workloadOf('cost', AGENTS, [...firsts, ...later]);
  const simulation = await simulate(
    { ...parts, workload },
    {
      seed,
      onEvent: async (done, { node }) => {
        if (done === 0 || done === pairs) await mark(node);
      },
    },
  );
  const { node, calls } = simulation;
  await mark(node);
  await node.close();
  const [begun = NONE, met = NONE, ended = NONE] = marks;
  const [meeting, talking] = [difference(met, begun), difference(ended, met)];
  const perMessage = { rows: talking.rows / later.length, bytes: talking.bytes / later.length };
  return {
    messages: later.length,
    rowsPerMessage: perMessage.rows,
    bytesPerMessage: perMessage.bytes,
    callsPerMessage: calls.length / (pairs + later.length),
    agents: AGENTS + 1,
    rowsPerAgent: begun.rows / (AGENTS + 1),
    bytesPerAgent: begun.bytes / (AGENTS + 1),
    pairs,
    rowsPerPair: meeting.rows / pairs - perMessage.rows,
    bytesPerPair: meeting.bytes / pairs - perMessage.bytes,
  };
}

const NONE: Footprint = { rows: 0, bytes: 0 };

/** Message number `index`, a second after the one before, from the first to the second agent of a pair. */
function sendAt(index: number, pair: number): Send {
  return { kind: 'send', at: index * 1_000_000, from: 2 * pair, to: 2 * pair + 1 };
}
