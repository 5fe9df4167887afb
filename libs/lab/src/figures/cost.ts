import { type DataSource } from 'typeorm';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type CostReport } from '../report/report.js';
import { type Simulation, simulate } from '../simulation/simulation.js';
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

const AGENTS = 6;
/** Everybody with everybody, one pair after another: what a pair costs shows against how many there are. */
const PAIRS = Array.from({ length: AGENTS }, (_, a) => a).flatMap((a) =>
  Array.from({ length: AGENTS - 1 - a }, (_, more) => [a, a + 1 + more] as const),
);
/** After so many of the pairs have met, what is stored is counted. */
const COUNTED: readonly number[] = [0, 1, 2, 4, 8, PAIRS.length];
const LATER = 2;

/** What is stored and called at some time. */
interface Mark extends Footprint {
  readonly calls: number;
}

/** What an agent, a pair and a message cost in one placement: a run of its own, small and exact. */
export async function costOf(
  parts: { readonly server: LabServer; readonly variant: Variant },
  seed: number,
): Promise<CostReport> {
  const later = Array.from({ length: LATER }, () => PAIRS).flat();
  const marks: Mark[] = [];
  const mark = async ({ node, calls }: Pick<Simulation, 'node' | 'calls'>): Promise<void> => {
    marks.push({ ...(await footprintOf(node.db)), calls: calls.length });
  };
  const workload = workloadOf('cost', AGENTS, [...PAIRS, ...later].map(sendAt));
  const simulation = await simulate(
    { ...parts, workload },
    {
      seed,
      onEvent: async (done, soFar) => {
        if (COUNTED.includes(done)) await mark(soFar);
      },
    },
  );
  await mark(simulation);
  await simulation.node.close();
  await parts.server.drop(simulation.node.db);
  return reportOf(marks, later.length);
}

const NONE: Mark = { rows: 0, bytes: 0, calls: 0 };

/** @param marks at each of `COUNTED`, and at the end */
function reportOf(marks: readonly Mark[], messages: number): CostReport {
  const [begun, met, ended] = [marks.at(0) ?? NONE, marks.at(-2) ?? NONE, marks.at(-1) ?? NONE];
  const perMessage = over(between(met, ended), messages);
  const opened = COUNTED.slice(1).map((pairs, index) => {
    const spent = between(begun, marks[index + 1] ?? NONE);
    return {
      pairs,
      rows: spent.rows - pairs * perMessage.rows,
      bytes: spent.bytes - pairs * perMessage.bytes,
    };
  });
  const perFirst = over(between(begun, met), PAIRS.length);
  return {
    messages,
    rowsPerMessage: perMessage.rows,
    bytesPerMessage: perMessage.bytes,
    callsPerMessage: perMessage.calls,
    agents: AGENTS + 1,
    rowsPerAgent: begun.rows / (AGENTS + 1),
    bytesPerAgent: begun.bytes / (AGENTS + 1),
    pairs: PAIRS.length,
    rowsPerPair: perFirst.rows - perMessage.rows,
    bytesPerPair: perFirst.bytes - perMessage.bytes,
    callsPerPair: perFirst.calls - perMessage.calls,
    opened,
  };
}

function between(before: Mark, after: Mark): Mark {
  return {
    rows: after.rows - before.rows,
    bytes: after.bytes - before.bytes,
    calls: after.calls - before.calls,
  };
}

function over({ rows, bytes, calls }: Mark, count: number): Mark {
  return { rows: rows / count, bytes: bytes / count, calls: calls / count };
}

/** Message number `index`, a second after the one before. */
function sendAt([from, to]: readonly [number, number], index: number): Send {
  return { kind: 'send', at: index * 1_000_000, from, to };
}
