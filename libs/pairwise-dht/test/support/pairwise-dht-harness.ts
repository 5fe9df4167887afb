import { randomInt } from 'node:crypto';
import { type EntryRecord, type NodeContext, entryHash, hashFrom, signAction } from '@musubi/cell';
import { type ConformanceSubject } from '@musubi/conformance';
import { type AgentKeys, fromBase64Url, pad, randomBytes, seal } from '@musubi/crypto';
import { type AgentPubKey, parseTimestamp } from '@musubi/messaging';
import { requireReply } from '@musubi/network';
import { type Envelope, encodeEnvelope, messageEnvelope, receiptEnvelope } from '@musubi/receipts';
import { storedSubject } from '@musubi/testing';
import { type Pair, PairwiseDhtStrategy, pairOf, pairwiseDhtDatabase } from '../../src/index.js';
import { signMembraneProof } from '../../src/membrane-proof.js';
import { encodeBundle } from '../../src/record-bundle.js';

export function pairwiseDhtSubject(): ConformanceSubject {
  return storedSubject([pairwiseDhtDatabase], async (node, { peerLimit }) => {
    const strategy = new PairwiseDhtStrategy(node.context, { cloneLimit: peerLimit });
    await strategy.init();
    return {
      strategy,
      receiveChunk: 'pairwise-dht/receive_chunk',
      namesOf: (agent) => [agent],
      handInMessage: (caller, recipient, { message, saved }) =>
        handIn(node.context, [caller, recipient], messageEnvelope(message, saved)),
      handInReceipt: (caller, author, receipt) =>
        handIn(node.context, [caller, author], receiptEnvelope(receipt)),
      // Nobody but its two members is in a clone, and nothing is written anywhere else.
      strangerRecords: () => Promise.resolve([]),
    };
  });
}

/** Beyond any place that a test reaches by itself. */
const FAR_AHEAD = 1_000_000;

/** Brings a record of the first agent's to the other member of their clone, whatever its letter says. */
export function handIn(
  context: Pick<NodeContext, 'calls' | 'keyring'>,
  pair: readonly [AgentPubKey, AgentPubKey],
  letter: Envelope,
): Promise<void> {
  const [from, to] = pair;
  const { space, entryKey } = pairOf(context.keyring.keysOf(from), to);
  const content = seal({
    key: entryKey,
    plaintext: pad(encodeEnvelope(letter, randomBytes)),
    associatedData: fromBase64Url(space),
  });
  return handInContent(context, pair, content);
}

/** The same for any content at all. */
export async function handInContent(
  { calls, keyring }: Pick<NodeContext, 'calls' | 'keyring'>,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  content: Uint8Array,
): Promise<void> {
  const keys = keyring.keysOf(from);
  const pair = pairOf(keys, to);
  const proof = signMembraneProof(keys, { space: pair.space, member: to });
  requireReply(await calls.call({ from, to, fn: 'pairwise-dht/join_clone', payload: proof }));
  const payload = encodeBundle([recordOf(keys, pair, content)]);
  requireReply(await calls.call({ from, to, fn: 'pairwise-dht/integrate_records', payload }));
}

function recordOf(keys: AgentKeys, { space }: Pair, content: Uint8Array): EntryRecord {
  const entry = { hash: entryHash(content), type: 'envelope', visibility: 'public' as const };
  const place = {
    space,
    author: keys.agent,
    seq: FAR_AHEAD + randomInt(1_000_000),
    prev: hashFrom(randomBytes(32)),
  };
  const action = { ...place, at: parseTimestamp(0), content: { type: 'create' as const, entry } };
  return { signed: signAction(action, (bytes) => keys.sign(bytes)), entry, content };
}
