import { expect } from '@jest/globals';
import { chainFaults } from '@musubi/audit';
import {
  type AgentPubKey,
  type HeldMessage,
  type MessageDraft,
  type MessageId,
  MessageNotFoundError,
  type ReceiptStatus,
  type SignedReceipt,
} from '@musubi/messaging';
import { type ConformanceHarness } from './harness.js';

/** Only a hang takes so long. */
const DEADLINE_MS = 180_000;
const POLL_MS = 10;

/** Waits for a condition. Rejects with its last error when the deadline passes. */
export async function until<Value>(
  harness: ConformanceHarness,
  condition: () => Promise<Value>,
): Promise<Value> {
  const attempts = DEADLINE_MS / POLL_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await condition();
    } catch (error) {
      if (attempt >= attempts) throw error;
    }
    await harness.clock.sleep(POLL_MS);
  }
}

/** Waits until the holder sees a message at that status or a higher one. */
export async function untilStatus(
  harness: ConformanceHarness,
  ref: { readonly holder: AgentPubKey; readonly message: MessageId },
  status: ReceiptStatus,
): Promise<HeldMessage> {
  return until(harness, async () => {
    const held = await harness.strategy.messages.find(ref);
    if (!held.receipts.some((receipt) => receipt.status === status)) throw new Error(`still ${held.status}`);
    return held;
  });
}

/** Save, send, confirm: the whole act, until the author sees the message delivered. */
export async function act(harness: ConformanceHarness, draft: MessageDraft): Promise<HeldMessage> {
  const { strategy } = harness;
  const { message } = await strategy.save(draft);
  const ref = { holder: draft.author, message };
  const receipt = await strategy.send(ref);
  if (receipt !== null) await strategy.confirm(draft.author, receipt);
  return untilStatus(harness, ref, 'delivered');
}

/** The recipient's `delivered` receipt for a message that is not confirmed yet, where there is such a moment. */
export async function deliveredReceipt(
  harness: ConformanceHarness,
  draft: MessageDraft,
): Promise<SignedReceipt> {
  const { message } = await harness.strategy.save(draft);
  const receipt = await harness.strategy.send({ holder: draft.author, message });
  if (receipt !== null) return receipt;
  const { receipts } = await untilStatus(harness, { holder: draft.author, message }, 'delivered');
  return only(receipts.filter(({ status }) => status === 'delivered'));
}

export async function pair(harness: ConformanceHarness): Promise<readonly [AgentPubKey, AgentPubKey]> {
  return [await harness.newAgent(), await harness.newAgent()];
}

export async function agents(harness: ConformanceHarness, count: number): Promise<readonly AgentPubKey[]> {
  const made: AgentPubKey[] = [];
  for (let index = 0; index < count; index += 1) made.push(await harness.newAgent());
  return made;
}

export function only<Item>(items: readonly Item[]): Item {
  const [item, ...rest] = items;
  if (item === undefined || rest.length > 0) throw new Error(`expected one item, got ${items.length}`);
  return item;
}

export async function chainLength(harness: ConformanceHarness, agent: AgentPubKey): Promise<number> {
  const chains = await harness.chainsOf(agent);
  return chains.reduce((length, { actions }) => length + actions.length, 0);
}

/** No fork, no gap, every hash and signature right. */
export async function expectLinearChains(
  harness: ConformanceHarness,
  everybody: readonly AgentPubKey[],
): Promise<void> {
  const chains = await Promise.all(everybody.map((agent) => harness.chainsOf(agent)));
  expect(chains.flat().flatMap(chainFaults)).toEqual([]);
}

export async function holds(
  harness: ConformanceHarness,
  holder: AgentPubKey,
  message: MessageId,
): Promise<boolean> {
  try {
    await harness.strategy.messages.find({ holder, message });
    return true;
  } catch (error) {
    if (error instanceof MessageNotFoundError) return false;
    throw error;
  }
}

/** Settles either way: the door may say no, or ignore it. */
export async function attempted(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
