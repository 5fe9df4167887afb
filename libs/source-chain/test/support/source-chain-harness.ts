import { type NodeContext } from '@musubi/cell';
import { type ConformanceSubject } from '@musubi/conformance';
import { randomBytes } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { requireReply } from '@musubi/network';
import { type Envelope, encodeEnvelope, messageEnvelope, receiptEnvelope } from '@musubi/receipts';
import { REMOTE_FUNCTIONS, SOURCE_CHAIN_SPACE, SourceChainStrategy } from '@musubi/source-chain';
import { publishedActions, storedSubject } from '@musubi/testing';

/** The suite's subject: the strategy, or another on the same calls and chains. */
export function sourceChainSubject(
  open = (node: NodeContext): SourceChainStrategy => new SourceChainStrategy(node),
): ConformanceSubject {
  return storedSubject([], async (node) => {
    const strategy = open(node.context);
    await strategy.init();
    return {
      strategy,
      receiveChunk: REMOTE_FUNCTIONS.receiveChunk,
      namesOf: (agent) => [agent],
      handInMessage: (caller, recipient, { message, saved }) =>
        handIn(node.context, [caller, recipient], messageEnvelope(message, saved)),
      handInReceipt: (caller, author, receipt) =>
        handIn(node.context, [caller, author], receiptEnvelope(receipt)),
      strangerRecords: () => publishedActions(node.context.db, SOURCE_CHAIN_SPACE),
    };
  });
}

/** Hands a letter to the second agent's cell as the first one's would, whatever the letter says. */
export async function handIn(
  { calls }: Pick<NodeContext, 'calls'>,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  letter: Envelope,
): Promise<void> {
  const fn = letter.kind === 'message' ? REMOTE_FUNCTIONS.receiveMessage : REMOTE_FUNCTIONS.receiveReceipt;
  requireReply(await calls.call({ from, to, fn, payload: encodeEnvelope(letter, randomBytes) }));
}

/** Hands in any content at all where a message should be. */
export async function handInContent(
  { calls }: Pick<NodeContext, 'calls'>,
  [from, to]: readonly [AgentPubKey, AgentPubKey],
  payload: Uint8Array,
): Promise<void> {
  requireReply(await calls.call({ from, to, fn: REMOTE_FUNCTIONS.receiveMessage, payload }));
}
