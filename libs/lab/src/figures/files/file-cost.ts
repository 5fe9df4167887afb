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

/**
 * What files cost: the workload runs twice, once as it is and once as texts alone.
 * @returns `null` where a message is not delivered: what is missing would be taken for cheap
 */
export async function fileCostOf(parts: SimulationParts, seed: number): Promise<FileCostReport | null> {
  const { workload } = parts;
  const files = await spentOn(parts, seed);
  if (files === null) return null;
  const texts = await spentOn({ ...parts, workload: withoutFiles(workload) }, seed);
  if (texts === null) return null;
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

/** @returns `null` where an author does not know in the end of a delivery */
async function spentOn(parts: SimulationParts, seed: number): Promise<Spent | null> {
  const { calls, confirmedAt, node, sent } = await simulate(parts, { seed });
  try {
    if (sent.some(({ id }) => !confirmedAt.has(id))) return null;
    const wire = calls.reduce((all, call) => all + call.requestBytes + (call.replyBytes ?? 0), 0);
    return { ...(await footprintOf(node.db)), calls: calls.length, wire };
  } finally {
    await node.close();
    await parts.server.drop(node.db);
  }
}
