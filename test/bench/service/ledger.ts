import { setTimeout as sleep } from 'node:timers/promises';
import { fromBase64Url, verify } from '@musubi/crypto';
import {
  type ReceiptStatus,
  type StrategyName,
  type Timestamp,
  parseAgentPubKey,
  parseMessageId,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { receiptBytes } from '@musubi/receipts';
import { type Agent, type Client, type MessageJson } from '../../../apps/api/test/support/client.js';
import { type Sent } from './load.js';

const PAGE = 200;
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

type Held = ReadonlyMap<string, MessageJson>;

/** All that was sent in a run, to be held against what the agents read through REST. */
export class Ledger {
  private readonly sent: Sent[] = [];

  note(sent: readonly Sent[]): void {
    for (const one of sent) this.sent.push(one);
  }

  /** Reads everything back through a service. What is still under way is waited for. */
  async verify(client: Client, placement: StrategyName): Promise<Losses> {
    const sent = this.sent.filter((one) => one.placement === placement);
    const agents = new Map(sent.flatMap(({ from, to }) => [from, to]).map((agent) => [agent.agent, agent]));
    const held = new Map<string, Held>();
    let surplus = 0;
    for (const agent of agents.values()) {
      const own = sent.filter(({ from, to }) => from.agent === agent.agent || to.agent === agent.agent);
      const pages = await readUntilDelivered(() => readAll(client, placement, agent), own.length);
      const byId = new Map(pages.map((message) => [message.id, message]));
      surplus += pages.length - own.filter(({ id }) => byId.has(id)).length;
      held.set(agent.agent, byId);
    }
    const copies = sent.flatMap(({ id, from, to }) => [
      held.get(from.agent)?.get(id),
      held.get(to.agent)?.get(id),
    ]);
    const lost = sent.filter(
      (_, index) => !copies.slice(2 * index, 2 * index + 2).every((copy) => copy?.status === 'delivered'),
    ).length;
    const unsigned = copies.filter((copy) => copy !== undefined && !isSigned(copy)).length;
    return { placement, sent: sent.length, lost, surplus, unsigned };
  }
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

async function readAll(
  client: Client,
  placement: StrategyName,
  { token }: Agent,
): Promise<readonly MessageJson[]> {
  const path = `/v1/strategies/${placement}/messages?limit=${PAGE}`;
  const found: MessageJson[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: { items: MessageJson[]; next: string | null } = await client.get(
      'messages',
      next === '' ? path : `${path}&before=${next}`,
      { token },
    );
    found.push(...page.items);
    ({ next } = page);
  }
  return found;
}

/** `saved` by the author and `delivered` by the recipient, over the bytes that the contract names. */
function isSigned({ id, author, recipient, receipts }: MessageJson): boolean {
  return (['saved', 'delivered'] as const).every((status) => {
    const receipt = receipts.find((one) => one.status === status);
    const by = status === 'saved' ? author : recipient;
    return receipt?.by === by && receipt.message === id && verifies(receipt, status);
  });
}

function verifies(receipt: MessageJson['receipts'][number], status: ReceiptStatus): boolean {
  const bytes = receiptBytes({
    message: parseMessageId(receipt.message),
    by: parseAgentPubKey(receipt.by),
    space: parseSpaceId(receipt.space),
    at: fromRfc3339(receipt.at),
    status,
  });
  return verify(fromBase64Url(receipt.signature), bytes, fromBase64Url(receipt.by));
}

/** Microseconds, which `Date` does not keep. */
function fromRfc3339(text: string): Timestamp {
  const micros = /\.\d{3}(\d{3})Z$/.exec(text)?.[1] ?? '0';
  return parseTimestamp(Date.parse(text) * 1000 + Number(micros));
}
