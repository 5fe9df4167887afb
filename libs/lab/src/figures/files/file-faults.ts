import { heldBy } from '@musubi/audit';
import { type CommitFaultRule } from '@musubi/cell';
import { type MessageFile, type StrategyName } from '@musubi/messaging';
import { type NetworkFaultRule } from '@musubi/network';
import pMap from 'p-map';
import { type LabNode } from '../../node/lab-node.js';
import { type LabServer } from '../../node/lab-server.js';
import { type Variant } from '../../node/variants.js';
import { type FileFaultReport } from '../../report/files-report.js';
import { type Sent } from '../../simulation/sent.js';
import { type Simulation, simulate } from '../../simulation/simulation.js';
import { type WorkloadEvent, workloadOf } from '../../workloads/workload.js';
import { checkIntegrity } from '../integrity.js';
import { ThirdChunkFault } from './third-chunk-fault.js';

interface FileFault {
  readonly network?: (strategy: StrategyName) => NetworkFaultRule;
  readonly commits?: CommitFaultRule;
  /** The recipient's database fails once when the third chunk of a file is put there. */
  readonly failsAtThirdChunk?: true;
}

const CHANCE = 0.3;
/** Two chunks have come by then. */
const THIRD = { after: 2, times: 1 } as const;
const chunkCall = (strategy: StrategyName): string => `${strategy}/receive_chunk`;

const FAULTS: Readonly<Record<string, FileFault>> = {
  'third chunk not kept': { failsAtThirdChunk: true },
  'third chunk not sent': {
    network: (strategy) => ({ fault: { kind: 'not-sent' }, fn: chunkCall(strategy), ...THIRD }),
  },
  'third chunk, reply lost': {
    network: (strategy) => ({ fault: { kind: 'reply-lost' }, fn: chunkCall(strategy), ...THIRD }),
  },
  'calls not sent': { network: () => ({ fault: { kind: 'not-sent' }, probability: CHANCE }) },
  'replies lost': { network: () => ({ fault: { kind: 'reply-lost' }, probability: CHANCE }) },
  'accept fails': { commits: { fault: { kind: 'commit-fails' }, step: 'accept', times: 1 } },
};

/** Of three chunks each, in both directions of two pairs. */
const MINUTE = 60_000_000;
const SENDS = [
  [0, 1],
  [2, 3],
  [1, 0],
  [3, 2],
] as const;
const BYTES = 600_000;
const WORKLOAD = workloadOf('file-faults', 4, [
  ...SENDS.map(([from, to], index): WorkloadEvent => {
    return {
      kind: 'send',
      at: index * MINUTE,
      from,
      to,
      file: { kind: 'document', bytes: BYTES + index },
    };
  }),
  // Nothing is sent any more, and there is a look before it.
  { kind: 'read-pages', at: SENDS.length * MINUTE, agent: 0, peer: 1 },
]);

const AT_ONCE = 3;

interface Parts {
  readonly server: LabServer;
  readonly variant: Variant;
}

/** Files under each fault; then the faults end, and all that is pending is tried again. */
export function fileFaultsOf(parts: Parts, seed: number): Promise<readonly FileFaultReport[]> {
  return pMap(
    Object.entries(FAULTS),
    async ([fault, suffered]) => ({ fault, ...(await underFault(parts, suffered, seed)) }),
    { concurrency: AT_ONCE },
  );
}

async function underFault(
  parts: Parts,
  { commits, failsAtThirdChunk, network }: FileFault,
  seed: number,
): Promise<Omit<FileFaultReport, 'fault'>> {
  const thirdChunk = new ThirdChunkFault();
  const audit = new FileAudit();
  const suffer = ({ networkFaults, commitFaults }: LabNode): void => {
    networkFaults.set(network === undefined ? [] : [network(parts.variant.strategy)]);
    commitFaults.set(commits === undefined ? [] : [commits]);
  };
  const simulation = await simulate(
    { ...parts, workload: WORKLOAD },
    {
      seed,
      suffer,
      onEvent: async (done, soFar) => {
        if (done === 0 && failsAtThirdChunk === true) await thirdChunk.arm(soFar.node.db);
        await audit.look(soFar);
      },
    },
  );
  const { node, sent } = simulation;
  try {
    const arrived = await audit.look(simulation);
    const { doubled, lost, phantom } = await checkIntegrity(node, sent);
    const struck = node.networkFaults.struck + node.commitFaults.struck + (await thirdChunk.struck(node.db));
    const { falselyDelivered, halfThere } = audit;
    return { messages: sent.length, struck, halfThere, falselyDelivered, arrived, lost, doubled, phantom };
  } finally {
    await node.close();
    await parts.server.drop(node.db);
  }
}

interface Missing {
  readonly file: MessageFile;
  readonly to: number;
  /** As delivered. */
  readonly isShown: boolean;
}

/** Holds what authors see against what recipients have, look by look. */
export class FileAudit {
  halfThere = 0;
  falselyDelivered = 0;

  /** @returns how many messages are shown as delivered, with every byte of their files at their recipients */
  async look({ node, sent }: Pick<Simulation, 'node' | 'sent'>): Promise<number> {
    let arrived = 0;
    for (const each of sent) {
      const { file, to } = each;
      if (file === undefined) continue;
      const isShown = await isDelivered(node, each);
      if (await node.hasFile(node.agent(to), file)) arrived += Number(isShown);
      else await this.countMissing(node, { file, to, isShown });
    }
    return arrived;
  }

  private async countMissing(node: LabNode, { file, isShown, to }: Missing): Promise<void> {
    this.falselyDelivered += Number(isShown);
    this.halfThere += Number(await node.isExpecting(node.agent(to), file));
  }
}

/** As its author sees it. */
async function isDelivered(node: LabNode, { from, id }: Sent): Promise<boolean> {
  const held = await heldBy(node.strategy.messages, node.agent(from));
  return held.some(({ message, status }) => message.id === id && status !== 'saved');
}
