import {
  type Copy,
  type MessageFault,
  type SentMessage,
  auditMessages,
  chainFaults,
  copyOf,
  heldBy,
} from '@musubi/audit';
import { readChains, viewOfChain } from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { verifyReceipt } from '@musubi/receipts';
import pMap from 'p-map';
import { type LabNode } from '../node/lab-node.js';
import { type IntegrityReport } from '../report/report.js';
import { type Sent } from '../simulation/sent.js';

/** Agents who read at once: one is opening a page while another's is fetched. */
const READERS = 8;

type Counted = 'lost' | 'doubled' | 'phantom' | 'orphan';

/** A stray is a message too many, and an unsigned receipt shows what nobody vouches for. */
const COUNTED_AS: Readonly<Record<MessageFault['kind'], Counted>> = {
  lost: 'lost',
  doubled: 'doubled',
  stray: 'doubled',
  phantom: 'phantom',
  unsigned: 'phantom',
  orphan: 'orphan',
};

/** Holds the run against what both sides hold, as clients read it. Call it when no act is under way. */
export async function checkIntegrity(node: LabNode, sent: readonly Sent[]): Promise<IntegrityReport> {
  const copies = await copiesOn(node);
  const messages = await withEnds(node, sent, copies);
  const names = new Map(node.agents.map((agent, index) => [agent, String(index)]));
  const { faults, shown } = auditMessages(messages, copies, (agent) => names.get(agent) ?? agent);
  const chains = (await readChains(node.db)).flatMap((chain) => chainFaults(viewOfChain(chain)));
  const count = (wanted: Counted): number => faults.filter(({ kind }) => COUNTED_AS[kind] === wanted).length;
  return {
    messages: sent.length,
    acknowledged: sent.filter(({ isAcknowledged }) => isAcknowledged).length,
    shown: shown.size,
    failed: messages.filter(({ end }) => end === 'failed').length,
    lost: count('lost'),
    doubled: count('doubled'),
    phantom: count('phantom'),
    orphan: count('orphan'),
    chainFaults: chains.length,
    witnesses: [...firstOfEach(faults), ...chains.slice(0, 1)],
  };
}

/** Whether no message was lost, doubled or falsely shown; that an author does not know of a delivery breaks nothing. */
export function holds({ lost, doubled, phantom, chainFaults: faults }: Gate): boolean {
  return lost + doubled + phantom + faults === 0;
}

type Gate = Pick<IntegrityReport, Exclude<Counted, 'orphan'> | 'chainFaults'>;

async function copiesOn({ agents, strategy }: LabNode): Promise<readonly Copy[]> {
  const copies = await pMap(
    agents,
    async (agent) =>
      (await heldBy(strategy.messages, agent)).map((held) => copyOf(agent, held, verifyReceipt)),
    { concurrency: READERS },
  );
  return copies.flat();
}

/** What is not shown as delivered may have failed, which its author was told. */
async function withEnds(
  node: LabNode,
  sent: readonly Sent[],
  copies: readonly Copy[],
): Promise<readonly SentMessage[]> {
  const shown = new Set(
    copies.filter(({ status }) => status !== 'saved').map(({ holder, id }) => nameOf(holder, id)),
  );
  const messages: SentMessage[] = [];
  for (const { id, from, to, isAcknowledged } of sent) {
    const message = { id, author: node.agent(from), recipient: node.agent(to), isAcknowledged };
    const hasFailed = !shown.has(nameOf(message.author, id)) && (await node.hasFailed(from, id));
    messages.push(hasFailed ? { ...message, end: 'failed' } : message);
  }
  return messages;
}

function nameOf(holder: AgentPubKey, id: string): string {
  return `${holder}/${id}`;
}

function firstOfEach(faults: readonly MessageFault[]): readonly string[] {
  const first = new Map<string, string>();
  for (const { kind, witness } of faults) if (!first.has(kind)) first.set(kind, witness);
  return [...first.values()];
}
