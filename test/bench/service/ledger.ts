import { setTimeout as sleep } from 'node:timers/promises';
import { type Copy, type FaultKind, type SentMessage, auditMessages } from '@musubi/audit';
import { type StrategyName, parseAgentPubKey, parseMessageId } from '@musubi/messaging';
import { type Client, type MessageJson } from '../../../apps/api/test/support/client.js';
import { copyShown, messagesOf } from '../../support/held-over-rest.js';
import { type Sent } from './load.js';

const ATTEMPTS = 60;
const BETWEEN_ATTEMPTS_MS = 1000;

/** What is wrong with what the agents hold, by count. */
export interface Losses {
  readonly placement: StrategyName;
  readonly sent: number;
  /** Not held by the author or the recipient, or not delivered. */
  readonly lost: number;
  /** Held twice by one agent, or never sent. */
  readonly surplus: number;
  /** Receipts missing or not signed by whom they must be. */
  readonly unsigned: number;
}

/** What must be 0. */
export const lossOf = ({ lost, surplus, unsigned }: Losses): number => lost + surplus + unsigned;

/** All that was sent in a run, to be held against what the agents read through REST. */
export class Ledger {
  private readonly sent: Sent[] = [];

  note(sent: readonly Sent[]): void {
    for (const message of sent) this.sent.push(message);
  }

  /** Reads everything back through a service. What is still under way is waited for. */
  async verify(client: Client, placement: StrategyName): Promise<Losses> {
    const sent = this.sent.filter((message) => message.placement === placement);
    const agents = new Map(sent.flatMap(({ from, to }) => [from, to]).map((agent) => [agent.agent, agent]));
    const copies: Copy[] = [];
    for (const agent of agents.values()) {
      const own = sent.filter(({ from, to }) => from.agent === agent.agent || to.agent === agent.agent);
      const read = await readUntilDelivered(() => messagesOf(client, placement, agent), own.length);
      copies.push(...read.map((message) => copyShown(agent, message)));
    }
    return { placement, sent: sent.length, ...lossesOf(sent.map(acknowledged), copies) };
  }
}

/** An act of this benchmark ends with an answer that says delivered. */
function acknowledged({ id, from, to }: Sent): SentMessage {
  const [author, recipient] = [parseAgentPubKey(from.agent), parseAgentPubKey(to.agent)];
  return { id: parseMessageId(id), author, recipient, isAcknowledged: true };
}

function lossesOf(
  sent: readonly SentMessage[],
  copies: readonly Copy[],
): Pick<Losses, 'lost' | 'surplus' | 'unsigned'> {
  const { faults, shown } = auditMessages(sent, copies);
  const idsOf = (...kinds: readonly FaultKind[]): ReadonlySet<string> =>
    new Set(faults.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id));
  const lost = idsOf('lost', 'phantom', 'orphan');
  return {
    lost: sent.filter(({ id }) => lost.has(id) || !shown.has(id)).length,
    surplus: idsOf('doubled', 'stray').size,
    unsigned: idsOf('unsigned').size,
  };
}

async function readUntilDelivered(
  read: () => Promise<readonly MessageJson[]>,
  expected: number,
): Promise<readonly MessageJson[]> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await read();
    const delivered = found.filter(({ status }) => status === 'delivered').length;
    if (delivered >= expected || attempt === ATTEMPTS) return found;
    await sleep(BETWEEN_ATTEMPTS_MS);
  }
}
