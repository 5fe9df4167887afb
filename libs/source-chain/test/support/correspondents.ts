import { type CommitFaultRule } from '@musubi/cell';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import { openTestNode } from '@musubi/history/testing';
import { type AgentPubKey, type MessageDraft, type MessageId, parseNonce } from '@musubi/messaging';
import { FaultPlan, FaultyRemoteCalls, InProcessRemoteCalls, type NetworkFaultRule } from '@musubi/network';
import { messageIdOf } from '@musubi/receipts';
import { type SourceChainOptions, SourceChainStrategy, countersigningDatabase } from '../../src/index.js';

/** Two agents and the placement in one variant, over a network that can be made to fail. */
export interface Correspondents {
  readonly strategy: SourceChainStrategy;
  readonly alice: AgentPubKey;
  readonly bob: AgentPubKey;
  readonly network: FaultPlan<NetworkFaultRule>;
  readonly commits: FaultPlan<CommitFaultRule>;
  readonly context: Awaited<ReturnType<typeof openTestNode>>['context'];
  readonly draft: (from: AgentPubKey, to: AgentPubKey) => MessageDraft;
  /** The status on the holder's side, or `nothing`. */
  readonly statusOf: (holder: AgentPubKey, message: MessageDraft | MessageId) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** `timeoutMs`: how long a caller waits for a reply. */
export async function openCorrespondents(
  options: SourceChainOptions,
  timeoutMs = 30_000,
): Promise<Correspondents> {
  const node = await openTestNode({ parts: [countersigningDatabase] });
  const { clock, keyring } = node.context;
  const network = new FaultPlan<NetworkFaultRule>(() => 0);
  const line = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs });
  const context = { ...node.context, calls: new FaultyRemoteCalls(line, network, clock) };
  const strategy = new SourceChainStrategy(context, options);
  await strategy.init();
  const newAgent = async (): Promise<AgentPubKey> => {
    const { agent } = await keyring.create('correct horse battery staple');
    await strategy.join(agent);
    return agent;
  };
  return {
    strategy,
    alice: await newAgent(),
    bob: await newAgent(),
    network,
    commits: node.commitFaults,
    context,
    draft: (author, recipient) => ({
      author,
      recipient,
      payload: { type: 'text', text: 'hello' },
      replyTo: null,
      sentAt: clock.now(),
      nonce: parseNonce(toBase64Url(randomBytes(16))),
    }),
    statusOf: async (holder, message) => {
      const id = typeof message === 'string' ? message : messageIdOf(message);
      const found = await strategy.messages.find({ holder, message: id }).catch(() => undefined);
      return found?.status ?? 'nothing';
    },
    close: async () => {
      await strategy.destroy();
      await node.close();
    },
  };
}
