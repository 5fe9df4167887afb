import { AgentKeys, hash, toBase64Url } from '@musubi/crypto';
import {
  AgentOfflineError,
  type AgentPubKey,
  type MessageDraft,
  type Receipt,
  type ReceiptStatus,
  type SignedReceipt,
  parseMessageId,
  parseNonce,
  parseSpaceId,
  parseTimestamp,
} from '@musubi/messaging';
import { type KeySource, ReceiptNotary, messageIdOf } from '@musubi/receipts';

export function seedOf(name: string): Uint8Array {
  return hash('test/agent', new TextEncoder().encode(name));
}

export const alice = AgentKeys.fromSeed(seedOf('alice'));
export const bob = AgentKeys.fromSeed(seedOf('bob'));
export const mallory = AgentKeys.fromSeed(seedOf('mallory'));

export const NOON = parseTimestamp(1_763_900_000_000_000);
export const SPACE = parseSpaceId(toBase64Url(new Uint8Array(32).fill(1)));
export const ELSEWHERE = parseSpaceId(toBase64Url(new Uint8Array(32).fill(2)));
export const SOME_ID = parseMessageId(toBase64Url(new Uint8Array(32).fill(3)));

const KEYS: ReadonlyMap<AgentPubKey, AgentKeys> = new Map(
  [alice, bob, mallory].map((keys) => [keys.agent, keys]),
);

const everybody: KeySource = {
  keysOf(agent) {
    const keys = KEYS.get(agent);
    if (keys === undefined) throw new AgentOfflineError('this agent is not of this test');
    return keys;
  },
};

/** Signs for Alice, Bob and Mallory. */
export const notary = new ReceiptNotary(everybody);

/** From Alice to Bob, unless it says otherwise. */
export function draft(change: Partial<MessageDraft> = {}): MessageDraft {
  return {
    author: alice.agent,
    recipient: bob.agent,
    payload: { type: 'text', text: 'hello' },
    replyTo: null,
    sentAt: NOON,
    nonce: parseNonce(toBase64Url(new Uint8Array(16))),
    ...change,
  };
}

export function receiptOn(message: MessageDraft, change: Partial<Receipt> = {}): SignedReceipt {
  const by = change.status === undefined || change.status === 'saved' ? message.author : message.recipient;
  const receipt = { message: messageIdOf(message), status: 'saved', by, at: NOON, space: SPACE } as const;
  return notary.signReceipt({ ...receipt, ...change });
}

export const STATUSES: readonly ReceiptStatus[] = ['saved', 'delivered', 'read'];

export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
