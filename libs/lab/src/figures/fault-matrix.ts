import { type CommitFaultRule } from '@musubi/cell';
import { type NetworkFaultRule } from '@musubi/network';
import { SeededRandom } from '@musubi/observers';
import pMap from 'p-map';
import { type LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { type FaultReport } from '../report/report.js';
import { simulate } from '../simulation/simulation.js';
import { GENERATORS } from '../workloads/generators.js';
import { checkIntegrity } from './integrity.js';

/** What is suffered, by name. Each strikes with this chance wherever it can. */
const FAULT_CHANCE = 0.3;

interface Faults {
  readonly network?: readonly NetworkFaultRule[];
  readonly commits?: readonly CommitFaultRule[];
}

const probability = FAULT_CHANCE;

export const FAULTS: Readonly<Record<string, Faults>> = {
  'not sent': { network: [{ fault: { kind: 'not-sent' }, probability }] },
  refused: { network: [{ fault: { kind: 'refused', code: 'head-moved', retryable: true }, probability }] },
  'reply lost': { network: [{ fault: { kind: 'reply-lost' }, probability }] },
  duplicate: { network: [{ fault: { kind: 'duplicate' }, probability }] },
  'save fails': { commits: [{ fault: { kind: 'commit-fails' }, step: 'save', probability }] },
  'accept fails': { commits: [{ fault: { kind: 'commit-fails' }, step: 'accept', probability }] },
  'confirm fails': { commits: [{ fault: { kind: 'commit-fails' }, step: 'confirm', probability }] },
};

const SIZE = { agents: 6, messages: 24 };

/** So many at once: each waits for its database most of the time. */
const AT_ONCE = 4;

/** The same small workload under each fault; then the faults end, and all that is pending is tried again. */
export async function faultMatrix(parts: Parts, seed: number): Promise<readonly FaultReport[]> {
  return pMap(
    Object.entries(FAULTS),
    async ([fault, faults]) => ({ fault, ...(await underFaults(parts, faults, seed)) }),
    { concurrency: AT_ONCE },
  );
}

interface Parts {
  readonly server: LabServer;
  readonly variant: Variant;
}

async function underFaults(
  parts: Parts,
  { network = [], commits = [] }: Faults,
  seed: number,
): Promise<Omit<FaultReport, 'fault'>> {
  const workload = GENERATORS['chain-of-pairs'](SIZE, new SeededRandom(seed));
  const suffer = ({ networkFaults, commitFaults }: LabNode): void => {
    networkFaults.set(network);
    commitFaults.set(commits);
  };
  const { node, sent } = await simulate({ ...parts, workload }, { seed, suffer });
  const integrity = await checkIntegrity(node, sent);
  await node.close();
  await parts.server.drop(node.db);
  const { messages, acknowledged, lost, doubled, phantom, orphan, shown, failed } = integrity;
  return {
    messages,
    refused: messages - acknowledged,
    delivered: shown,
    failed,
    lost,
    doubled,
    phantom,
    orphan,
  };
}
