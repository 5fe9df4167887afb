import { type FileCostReport } from '../../report/files-report.js';
import { type SimulationParts, simulate } from '../../simulation/simulation.js';
import { fileSendsOf, withoutFiles } from '../../workloads/workload.js';
import { type Footprint, footprintOf } from '../cost.js';

/** What was stored and called when a run was over. */
interface Spent extends Footprint {
  readonly calls: number;
  /** Bytes of calls and their replies. */
  readonly wire: number;
}

/** What files cost: the workload runs twice, once as it is and once as texts alone. */
export async function fileCostOf(parts: SimulationParts, seed: number): Promise<FileCostReport> {
  const { workload } = parts;
  const files = await spentOn(parts, seed);
  const texts = await spentOn({ ...parts, workload: withoutFiles(workload) }, seed);
  const sends = fileSendsOf(workload);
  const fileBytes = sends.reduce((all, { file }) => all + file.bytes, 0);
  const more = (key: keyof Spent): number => files[key] - texts[key];
  return {
    messages: sends.length,
    fileBytes,
    storedPerByte: more('bytes') / fileBytes,
    wirePerByte: more('wire') / fileBytes,
    storedPerMessage: more('bytes') / sends.length,
    wirePerMessage: more('wire') / sends.length,
    rowsPerMessage: more('rows') / sends.length,
    callsPerMessage: more('calls') / sends.length,
  };
}

async function spentOn(parts: SimulationParts, seed: number): Promise<Spent> {
  const { calls, node } = await simulate(parts, { seed });
  try {
    const wire = calls.reduce((all, call) => all + call.requestBytes + (call.replyBytes ?? 0), 0);
    return { ...(await footprintOf(node.db)), calls: calls.length, wire };
  } finally {
    await node.close();
    await parts.server.drop(node.db);
  }
}
