import { type NodeContext } from '@musubi/cell';
import { randomBytes } from '@musubi/crypto';
import { openTestNode, publishedActions, storedHarness } from '@musubi/history/testing';
import { type ConformanceHarness, type SubjectOptions } from '@musubi/messaging/conformance';
import { demandReply } from '@musubi/network';
import { type Letter, encodeEnvelope, messageLetter, receiptLetter } from '@musubi/receipts';
import { type AgentPubKey } from '@musubi/messaging';
import {
  REMOTE_FUNCTIONS,
  SOURCE_CHAIN_SPACE,
  type SourceChainOptions,
  SourceChainStrategy,
} from '../../src/index.js';

export async function sourceChainHarness(
  { ordering }: SubjectOptions,
  options: SourceChainOptions = {},
): Promise<ConformanceHarness> {
  const node = await openTestNode({ ordering });
  const { db } = node.context;
  const strategy = new SourceChainStrategy(node.context, options);
  await strategy.init();
  return storedHarness(node, {
    strategy,
    namesOf: (agent) => [agent],
    handInMessage: (caller, recipient, { message, saved }) =>
      handIn(node.context, [caller, recipient], messageLetter(message, saved)),
    handInReceipt: (caller, author, receipt) =>
      handIn(node.context, [caller, author], receiptLetter(receipt)),
    strangerRecords: () => publishedActions(db, SOURCE_CHAIN_SPACE),
  });
}
/** Hands a letter to the second agent's cell as the first one's would, whatever the letter says. */
export async function handIn(
  { calls }: Pick<NodeContext, 'calls'>,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  letter: Letter,
): Promise<void> {
  const fn = letter.kind === 'message' ? REMOTE_FUNCTIONS.receiveMessage : REMOTE_FUNCTIONS.receiveReceipt;
  demandReply(await calls.call({ from, to, fn, payload: encodeEnvelope(letter, randomBytes) }));
}

/** Hands in any content at all where a message should be. */
export async function handInContent(
  { calls }: Pick<NodeContext, 'calls'>,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  payload: Uint8Array,
): Promise<void> {
  demandReply(await calls.call({ from, to, fn: REMOTE_FUNCTIONS.receiveMessage, payload }));
}
