import { type Listening, type Rows } from '@musubi/database';
import {
  type AgentPubKey,
  type MessageDraft,
  type MessageId,
  type MessageRef,
  type MessagingStrategy,
  type PinId,
  type SignedReceipt,
  type StrategyName,
} from '@musubi/messaging';
import { type AttemptOutcome, Attempts, type AttemptsParts } from './attempts.js';
import { type Wait, awaitReceipt } from './awaited-receipt.js';
import { type OutboxEntry } from './outbox-row.js';
import { Hastening } from './hastening.js';
import { OutboxWorker } from './outbox-worker.js';
import { OUTBOX_CHANNEL } from './outbox-channel.js';
import { saveMessage } from './save-message.js';

export interface DeliveryParts extends AttemptsParts {
  /** How many lanes may be in flight at once. */
  readonly maxLanes: number;
  /** How long the worker sleeps at most without looking at the outbox, in milliseconds. */
  readonly pollMs: number;
  /** Hears what PostgreSQL says on a channel; without it the worker polls only. */
  readonly listen?: ((channel: string, onNotify: () => void) => Listening) | undefined;
}

export interface SendOptions {
  /** Commit together with the message. */
  readonly rows?: readonly Rows[];
  /** How the caller waits for the delivery; not at all when absent. */
  readonly wait?: Wait | undefined;
}

/** A message that is saved; its delivery goes on in any case. */
export interface SentMessage {
  readonly saved: SignedReceipt;
  /** The recipient's receipt, where it came while the caller waited. */
  readonly receipt: SignedReceipt | null;
}

/** A received message whose read receipt its author, the peer, has not got yet. */
export interface ReadMessage {
  readonly message: MessageId;
  readonly peer: AgentPubKey;
}

/** Sends messages and receipts: the first attempt at each step is made at once, the rest by a worker. */
export class Delivery {
  readonly attempts: Attempts;
  private readonly worker: OutboxWorker;
  private readonly hastening: Hastening;
  private listening: Listening | undefined;
  private isStopping = false;

  constructor(private readonly parts: DeliveryParts) {
    this.attempts = new Attempts(parts);
    this.worker = this.makeWorker();
    const wake = (): void => {
      this.worker.wake();
    };
    const { outbox, patience } = parts;
    this.hastening = new Hastening({ ...parts.node, outbox, wake, isWanted: patience.kind === 'time' });
  }

  /** Starts the worker. What waits for anybody is tried once: they may have come while nobody was here. */
  start(): void {
    this.worker.start();
    this.hastening.listen();
    void this.hastenAll();
    this.listening = this.parts.listen?.(OUTBOX_CHANNEL, () => {
      this.worker.wake();
    });
  }

  /** An agent came online here: its own steps go on, and what waits for it is due, in every process of the node. */
  arrived(agent: AgentPubKey): void {
    this.worker.wake();
    this.hastening.tell(agent);
    void this.hasten(agent);
  }

  /**
   * Something was heard from these agents, or of where they are: what waits for them in this process is due at once, as
   * one attempt each; the rest follows when that is answered. Many calls at a time are one look. Never rejects.
   */
  hasten(...recipients: readonly AgentPubKey[]): Promise<void> {
    return this.hastening.hasten(recipients);
  }

  /** The same for everybody: this node's network came back, or its clock was set. Never rejects. */
  hastenAll(): Promise<void> {
    return this.hastening.hastenAll();
  }

  /** Finishes the attempts under way, and begins no other. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.listening?.close();
    await this.hastening.stop();
    await this.worker.stop();
    await this.attempts.whenIdle();
  }

  /** A worker on this node's outbox, not started yet: several may share one outbox. */
  makeWorker(pollMs: number = this.parts.pollMs): OutboxWorker {
    const { maxLanes, node, outbox } = this.parts;
    const { clock, keyring, log } = node;
    const attempt = (work: OutboxEntry): Promise<AttemptOutcome> => this.attempts.make(work);
    return new OutboxWorker({
      outbox,
      attempt,
      pass: (work) => this.attempts.pass(work),
      clock,
      log,
      online: () => keyring.online(),
      maxLanes,
      pollMs,
    });
  }

  /**
   * The whole act of sending: saves the message, brings it to its recipient, and confirms the receipt. Once the message
   * is saved this resolves, whatever happens next, and the outbox guarantees the rest.
   * @throws what `save` throws, with nothing committed; SaveUnknownError when it may be committed
   */
  async sendMessage(
    strategy: MessagingStrategy<StrategyName, Rows>,
    draft: MessageDraft,
    { rows = [], wait }: SendOptions = {},
  ): Promise<SentMessage> {
    const saved = await saveMessage({ strategy, clock: this.parts.node.clock }, draft, rows);
    // A message to oneself is saved with all its receipts.
    if (draft.author === draft.recipient) return { saved, receipt: null };
    const ref = { holder: draft.author, message: saved.message };
    const step = { strategy: strategy.name, message: saved.message, step: 'send' } as const;
    const receipt = await this.receiptOf(ref, wait, () => this.attempts.first(ref.holder, step));
    return { saved, receipt };
  }

  /**
   * Tries to send a saved message again, from the first attempt. @returns the recipient's receipt, where it came while
   * the caller waited @throws AgentOfflineError; what the database throws
   */
  retryMessage(
    strategy: MessagingStrategy<StrategyName>,
    ref: MessageRef,
    wait?: Wait,
  ): Promise<SignedReceipt | null> {
    const step = { strategy: strategy.name, message: ref.message, step: 'send' } as const;
    return this.receiptOf(ref, wait, () => this.attempts.retry(ref.holder, step));
  }

  /**
   * Brings read receipts to the messages' authors: to one author one after another, to several at once. What is not
   * tried within the lease of its step is left to the worker.
   */
  async sendReceipts(
    strategy: MessagingStrategy<StrategyName>,
    { holder, read }: { readonly holder: AgentPubKey; readonly read: readonly ReadMessage[] },
    wait?: Wait,
  ): Promise<void> {
    const lanes = new Map<AgentPubKey, OutboxEntry[]>();
    for (const { message, peer } of read) {
      const work = this.attempts.firstWork(holder, { strategy: strategy.name, message, step: 'read' });
      lanes.set(peer, [...(lanes.get(peer) ?? []), work]);
    }
    const queue = [...lanes.values()];
    const walkers = queue.slice(0, this.parts.maxLanes).map(() => this.walkAll(queue));
    await wait?.(Promise.all(walkers));
  }

  /** Brings a statement on a pin to the peer; what comes of a first attempt in vain is the worker's matter. */
  async sendPin(
    strategy: MessagingStrategy<StrategyName>,
    { holder, pin }: { readonly holder: AgentPubKey; readonly pin: PinId },
    wait?: Wait,
  ): Promise<void> {
    const attempt = this.attempts.first(holder, { strategy: strategy.name, message: pin, step: 'pin' });
    await wait?.(attempt);
  }

  /** Makes the attempt, and waits: for its end, and then for the signal where the placement brings the receipt. */
  private async receiptOf(
    ref: MessageRef,
    wait: Wait | undefined,
    attempt: () => Promise<AttemptOutcome>,
  ): Promise<SignedReceipt | null> {
    const awaited = awaitReceipt(this.parts.node.signals, ref);
    const outcome = attempt();
    // A caller that does not wait is not told that a retry could not begin: the step stays in the outbox.
    outcome.catch(() => undefined);
    try {
      const ended = await wait?.(outcome);
      if (ended?.kind === 'done') return ended.receipt;
      if (ended?.kind !== 'handed-over') return null;
      return (await wait?.(awaited.promise)) ?? null;
    } finally {
      awaited.cancel();
    }
  }

  /** Takes one lane after another from the queue. */
  private async walkAll(queue: OutboxEntry[][]): Promise<void> {
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift()) {
      for (const work of lane) {
        if (this.isStopping || work.dueAt <= this.parts.node.clock.now()) break;
        await this.attempts.make(work);
      }
    }
  }
}
