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
  const { calls, db } = node.context;
  const strategy = new SourceChainStrategy(node.context, options);
  await strategy.init();
  const handIn = async (
    fn: string,
    [from, to]: readonly [AgentPubKey, AgentPubKey],
    letter: Letter,
  ): Promise<void> => {
    const payload = encodeEnvelope(letter, randomBytes);
    demandReply(await calls.call({ from, to, fn, payload }));
  };
  return storedHarness(node, {
    strategy,
    namesOf: (agent) => [agent],
    handInMessage: (caller, recipient, { message, saved }) =>
      handIn(REMOTE_FUNCTIONS.receiveMessage, [caller, recipient], messageLetter(message, saved)),
    handInReceipt: (caller, author, receipt) =>
      handIn(REMOTE_FUNCTIONS.receiveReceipt, [caller, author], receiptLetter(receipt)),
    strangerRecords: () => publishedActions(db, SOURCE_CHAIN_SPACE),
  });
}
