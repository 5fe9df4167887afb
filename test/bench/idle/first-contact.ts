import { type AgentPubKey } from '@musubi/messaging';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../../support/until.js';
import { p50 } from '../figures.js';
import { addStrangers } from './population.js';

const DEADLINE_MS = 120_000;

interface ContactSettings {
  /** How many contacts the recipients have. */
  readonly contacts: readonly [few: number, many: number];
  /** Strangers who write to each. */
  readonly strangers: number;
}

export interface ContactReport {
  readonly settings: ContactSettings;
  /** Medians, from saving to the author's receipt. */
  readonly ms: readonly [few: number, many: number];
  readonly ratio: number;
}

/** Strangers write to agents with few contacts and with many, in turn: what a first letter takes. */
export async function measureFirstContacts(
  settings: ContactSettings,
  signal: AbortSignal,
): Promise<ContactReport> {
  const node = await DeliveryNode.open({ poolSize: 16 });
  try {
    const recipients: AgentPubKey[] = [];
    for (const contacts of settings.contacts) recipients.push(await agentWith(node, contacts));
    const times = recipients.map((): number[] => []);
    for (let stranger = 0; stranger < settings.strangers; stranger += 1) {
      for (const [index, recipient] of recipients.entries()) {
        signal.throwIfAborted();
        times[index]?.push(await timeOf(node, await node.newAgent(), recipient));
      }
    }
    const [few = NaN, many = NaN] = times.map(p50);
    return { settings, ms: [few, many], ratio: many / few };
  } finally {
    await node.close();
  }
}

export async function agentWith(node: DeliveryNode, contacts: number): Promise<AgentPubKey> {
  const agent = await node.newAgent();
  const keys = node.keyring.keysOf(agent);
  await node.goOffline(agent);
  await addStrangers(node.database.dataSource, keys, contacts);
  await node.goOnline(agent);
  await node.whenIdle();
  return agent;
}

async function timeOf(node: DeliveryNode, author: AgentPubKey, recipient: AgentPubKey): Promise<number> {
  await node.whenIdle();
  const began = performance.now();
  const outboxKey = await node.save('global-dht', [author, recipient]);
  await node.attempts.first(author, outboxKey);
  const { messages } = node.strategies['global-dht'];
  const ref = { holder: author, message: outboxKey.message };
  await untilEqual('delivered', async () => (await messages.find(ref)).status, DEADLINE_MS);
  return performance.now() - began;
}
