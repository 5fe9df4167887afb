import { chainFaults } from '@musubi/audit';
import { type Ordering, readChains, viewOfChain } from '@musubi/cell';
import { type AgentPubKey, HeadMovedError, type MessageId } from '@musubi/messaging';
import { SOURCE_CHAIN_SPACE } from '@musubi/source-chain';
import { DeliveryNode } from '@musubi/testing';
import { untilEqual } from '../support/until.js';
import { CountedSourceChain, Counts } from './counted-source-chain.js';

/** As in the service. */
const MAX_LANES = 32;
const POOL_SIZE = 16;
const DEADLINE_MS = 180_000;

interface HotSettings {
  readonly senders: number;
  /** One after another, from each sender. */
  readonly messagesEach: number;
}

export interface HotReport {
  readonly ordering: Ordering;
  readonly settings: HotSettings;
  readonly messages: number;
  /** Messages that their authors hold as delivered. */
  readonly delivered: number;
  readonly seconds: number;
  readonly deliveredPerSecond: number;
  /** Refusals because the head had moved: the recipient's at a send, the author's own at a save or confirm. */
  readonly headMovedPerMessage: { readonly recipients: number; readonly own: number };
  readonly attemptsPerMessage: number;
  /** Messages that failed after all their attempts, until their owner asked again. */
  readonly gaveUp: number;
  /** Whether the recipient's chain is one line, in which each message and its receipt stand once. */
  readonly isOneChain: boolean;
}

/** Many write to one at once; the outbox goes on with what first attempts leave, until everything is delivered. */
export async function measureHotRecipient(
  ordering: Ordering,
  settings: HotSettings,
  signal: AbortSignal,
): Promise<HotReport> {
  const counts = new Counts();
  const node = await DeliveryNode.open({
    ordering,
    poolSize: POOL_SIZE,
    maxLanes: MAX_LANES,
    jitter: () => Math.random(),
    instead: (context) => ({ 'source-chain': new CountedSourceChain(context, counts) }),
  });
  try {
    const crowd = await Crowd.gather(node, settings);
    const seconds = await crowd.sendAll(signal);
    const messages = settings.senders * settings.messagesEach;
    const delivered = await crowd.countDelivered();
    return {
      ordering,
      settings,
      messages,
      delivered,
      seconds,
      deliveredPerSecond: delivered / seconds,
      headMovedPerMessage: { recipients: counts.recipientsHead / messages, own: counts.ownHead / messages },
      attemptsPerMessage: counts.attempts / messages,
      gaveUp: crowd.gaveUp,
      isOneChain: await crowd.isOneChain(messages),
    };
  } finally {
    await node.close();
  }
}

class Crowd {
  gaveUp = 0;
  private readonly sent = new Map<MessageId, AgentPubKey>();
  private readonly arrived = new Set<string>();

  private constructor(
    private readonly node: DeliveryNode,
    private readonly settings: HotSettings,
    private readonly people: { readonly senders: readonly AgentPubKey[]; readonly bob: AgentPubKey },
  ) {
    for (const sender of people.senders) this.listen(sender);
  }

  static async gather(node: DeliveryNode, settings: HotSettings): Promise<Crowd> {
    const bob = await node.newAgent();
    const senders: AgentPubKey[] = [];
    for (let made = 0; made < settings.senders; made += 1) senders.push(await node.newAgent());
    return new Crowd(node, settings, { senders, bob });
  }

  /** @returns how long it took until the last receipt, in seconds */
  async sendAll(signal: AbortSignal): Promise<number> {
    const { people, settings } = this;
    const start = performance.now();
    this.node.startWorker();
    await Promise.all(people.senders.map((sender) => this.sendEach(sender, signal)));
    const messages = settings.senders * settings.messagesEach;
    const isOver = (): boolean => signal.aborted || this.arrived.size === messages;
    await untilEqual(true, () => Promise.resolve(isOver()), DEADLINE_MS);
    signal.throwIfAborted();
    return (performance.now() - start) / 1000;
  }

  async countDelivered(): Promise<number> {
    const { messages } = this.node.strategies['source-chain'];
    const held = await Promise.all(
      [...this.sent].map(([message, holder]) => messages.find({ holder, message })),
    );
    return held.filter(({ status }) => status === 'delivered').length;
  }

  async isOneChain(messages: number): Promise<boolean> {
    const chains = await readChains(this.node.database.dataSource, [this.people.bob]);
    const chain = chains.flat().filter(({ action }) => action.space === SOURCE_CHAIN_SPACE);
    const written = chain.filter(({ action }) => action.content.type === 'create').length;
    return chainFaults(viewOfChain(chain)).length === 0 && written === 2 * messages;
  }

  private listen(sender: AgentPubKey): void {
    this.node.signals.subscribe(sender, ({ type, message }) => {
      if (type === 'receipt' && message !== undefined) this.arrived.add(message);
      if (type === 'delivery-failed') this.askAgain(sender, message);
    });
  }

  private askAgain(sender: AgentPubKey, failed: string | undefined): void {
    const message = [...this.sent.keys()].find((id) => id === failed);
    if (message === undefined) return;
    this.gaveUp += 1;
    void this.node.attempts.retry(sender, { strategy: 'source-chain', message, step: 'send' });
  }

  private async sendEach(sender: AgentPubKey, signal: AbortSignal): Promise<void> {
    for (let turn = 0; turn < this.settings.messagesEach; turn += 1) {
      signal.throwIfAborted();
      const outboxKey = await this.save(sender);
      this.sent.set(outboxKey.message, sender);
      await this.node.attempts.first(sender, outboxKey);
    }
  }

  /** Under strict ordering, a receipt that is confirmed meanwhile takes the place: the sender tries again. */
  private async save(sender: AgentPubKey): ReturnType<DeliveryNode['save']> {
    for (;;) {
      try {
        return await this.node.save('source-chain', [sender, this.people.bob]);
      } catch (error) {
        if (!(error instanceof HeadMovedError)) throw error;
      }
    }
  }
}
