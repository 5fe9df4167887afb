import { randomInt } from 'node:crypto';
import { type EntryRecord, entryHash, hashFrom, signAction } from '@musubi/cell';
import { type AgentKeys, fromBase64Url, pad, randomBytes, seal } from '@musubi/crypto';
import { type TestNode, openTestNode, storedHarness } from '@musubi/history/testing';
import { type AgentPubKey } from '@musubi/messaging';
import { type ConformanceHarness, type SubjectOptions } from '@musubi/messaging/conformance';
import { demandReply } from '@musubi/network';
import { type Letter, encodeEnvelope, messageLetter, receiptLetter } from '@musubi/receipts';
import { PairwiseDhtStrategy, pairOf, pairwiseDhtDatabase } from '../../src/index.js';
import { signMembraneProof } from '../../src/membrane-proof.js';
import { encodeBundle } from '../../src/record-bundle.js';

export async function pairwiseDhtHarness({
  ordering,
  peerLimit,
}: SubjectOptions): Promise<ConformanceHarness> {
  const node = await openTestNode({ ordering, parts: [pairwiseDhtDatabase] });
  const strategy = new PairwiseDhtStrategy(node.context, { cloneLimit: peerLimit });
  await strategy.init();
  return storedHarness(node, {
    strategy,
    namesOf: (agent) => [agent],
    handInMessage: (caller, recipient, { message, saved }) =>
      handIn(node, [caller, recipient], messageLetter(message, saved)),
    handInReceipt: (caller, author, receipt) => handIn(node, [caller, author], receiptLetter(receipt)),
    // Nobody but its two members is in a clone, and nothing is written anywhere else.
    strangerRecords: () => Promise.resolve([]),
  });
}

/** Beyond any place that a test reaches by itself. */
const FAR_AHEAD = 1_000_000;

/** Brings a record of the caller's to the other member of their clone, as the caller's cell would. */
async function handIn(
  node: TestNode,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  letter: Letter,
): Promise<void> {
  const { calls, keyring } = node.context;
  const keys = keyring.keysOf(from);
  const pair = pairOf(keys, to);
  const proof = signMembraneProof(keys, { space: pair.space, member: to });
  demandReply(await calls.call({ from, to, fn: 'pairwise-dht/join_clone', payload: proof }));
  const payload = encodeBundle([recordOf(keys, to, letter)]);
  demandReply(await calls.call({ from, to, fn: 'pairwise-dht/integrate_records', payload }));
}

function recordOf(keys: AgentKeys, peer: AgentPubKey, letter: Letter): EntryRecord {
  const { space, entryKey } = pairOf(keys, peer);
  const content = seal({
    key: entryKey,
    plaintext: pad(encodeEnvelope(letter, randomBytes)),
    associatedData: fromBase64Url(space),
  });
  const entry = { hash: entryHash(content), type: 'envelope', visibility: 'public' as const };
  const place = {
    space,
    author: keys.agent,
    seq: FAR_AHEAD + randomInt(1_000_000),
    prev: hashFrom(randomBytes(32)),
  };
  const at = letter.kind === 'message' ? letter.saved.at : letter.receipt.at;
  const action = { ...place, at, content: { type: 'create' as const, entry } };
  return { signed: signAction(action, (bytes) => keys.sign(bytes)), entry, content };
}
