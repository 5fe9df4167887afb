import { type CommitFaultRule } from '@musubi/cell';
import { randomBytes, toBase64Url } from '@musubi/crypto';
import {
  type SourceChainExperiment,
  type SourceChainVariation,
  countersigningDatabase,
  sourceChainExperiment,
} from '@musubi/experiments';
import {
  type AgentPubKey,
  type MessageDraft,
  type MessageId,
  SystemClock,
  parseNonce,
} from '@musubi/messaging';
import { FaultPlan, FaultyRemoteCalls, InProcessRemoteCalls, type NetworkFaultRule } from '@musubi/network';
import { messageIdOf } from '@musubi/receipts';
import { openTestNode } from '@musubi/testing';

/** Two agents and the placement in one variant, over a network that can be made to fail. */
export interface Correspondents extends SourceChainExperiment {
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

/** `timeoutMs`: how long a caller waits for a reply. `wrongMs`: by how much the clock is wrong just now. */
export async function openCorrespondents(
  variation: SourceChainVariation,
  timeoutMs = 30_000,
  wrongMs = (): number => 0,
): Promise<Correspondents> {
  const node = await openTestNode({ parts: [countersigningDatabase] });
  const { keyring } = node.context;
  const clock = new SystemClock(() => performance.timeOrigin + performance.now() + wrongMs());
  const network = new FaultPlan<NetworkFaultRule>(() => 0);
  const line = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs });
  const context = { ...node.context, clock, calls: new FaultyRemoteCalls(line, network, clock) };
  const { strategy, whenIdle } = sourceChainExperiment(context, variation);
  await strategy.init();
  const newAgent = async (): Promise<AgentPubKey> => {
    const { agent } = await keyring.create('correct horse battery staple');
    await strategy.join(agent);
    return agent;
  };
  return {
    strategy,
    whenIdle,
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
