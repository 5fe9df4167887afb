import { type ActionDraft, type NodeContext, type NewOutboxEntry, SourceChains, atHome } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, commitRows, transact, writeInTurn } from '@musubi/database';
import {
  type AgentPubKey,
  FileIncompleteError,
  FileNotFoundError,
  InvalidReceiptError,
  type MessageDraft,
  type MessageId,
  MessageNotFoundError,
  type MessageRef,
  type MessagingError,
  type ReceiptStatus,
  type SignedMessage,
  type SignedReceipt,
  type UiSignal,
  changeSignal,
  receiptSignal,
} from '@musubi/messaging';
import {
  type OpeningReceipts,
  ReceiptNotary,
  messageEnvelope,
  openingReceipts,
  receiptEnvelope,
} from '@musubi/receipts';
import { FileUse, isRefused } from './file-use.js';
import { History } from './history.js';
import {
  type AcceptOptions,
  type AcceptedMessage,
  type Cell,
  type Writer,
  type SaveOptions,
} from './writes.js';
import { MessageWriter } from './message-writer.js';
import { type Placement } from './placement.js';
import { Pins } from './pins.js';
import { Readings } from './readings.js';
import { SentMessages } from './sent-messages.js';
import { receiptOf } from './placed-message.js';
import { openMessage } from './sealed-message.js';

type ReceiptCopy = Writer & { readonly drafts: readonly ActionDraft[] };

/**
 * What one agent commits of its correspondence: the half of each step that is the same wherever the message
 * lives. Every method writes one author's chain, repeats harmlessly, and signals after the commit.
 */
export class MessageLog<Of extends Cell = Cell> {
  readonly history: History;
  readonly sent: SentMessages;
  readonly notary: ReceiptNotary;
  readonly pins: Pins<Of>;
  private readonly keeper: MessageWriter;
  private readonly files: FileUse;
  private readonly readings: Readings<Of>;

  constructor(
    private readonly node: NodeContext,
    private readonly placement: Placement<Of>,
    readonly chains: SourceChains = new SourceChains(node.db, node.chains),
  ) {
    this.history = new History(node.db, node.keyring, placement.strategy);
    this.sent = new SentMessages(this.history, chains);
    this.notary = new ReceiptNotary(node.keyring);
    this.keeper = new MessageWriter(chains, this.history, node.commits);
    this.files = new FileUse(node.files, placement.strategy);
    const { history, keeper, notary } = this;
    this.readings = new Readings({ node, placement, history, keeper, notary });
    this.pins = new Pins({ node, placement, history, chains, keeper });
  }

  /** Signs what a message begins with: `saved`, and all that follows where it is to oneself. Commits nothing. */
  async open(message: MessageDraft): Promise<OpeningReceipts> {
    return this.openIn(await this.placement.cellFor(message.author, message.recipient), message);
  }

  /**
   * Commits a message of the author's with its opening receipts. One that was saved before stays so, also when its file has
   * gone since. @returns the stored `saved` receipt. @throws FileNotFoundError
   */
  async save(message: MessageDraft, opening: SaveOptions = {}): Promise<SignedReceipt> {
    try {
      return await this.files.whole(() => this.saveWith(message, opening));
    } catch (error) {
      if (!(error instanceof FileIncompleteError)) throw error;
      const refusal = new FileNotFoundError('the author holds no such file', { cause: error });
      const keys = this.node.keyring.keysOf(message.author);
      return this.storedBefore(keys, { message: this.notary.messageIdOf(message), status: 'saved' }, refusal);
    }
  }

  private async saveWith(message: MessageDraft, opening: SaveOptions): Promise<SignedReceipt> {
    const { author, recipient } = message;
    const { receipts: opened, rows: extras = [] } = opening;
    const cell = await this.placement.cellFor(author, recipient);
    const receipts = opened ?? this.openIn(cell, message);
    const [saved, ...further] = receipts;
    const letters = [messageEnvelope(message, saved), ...further.map(receiptEnvelope)];
    const drafts = this.placement.draftsOf(letters, cell, recipient);
    const outboxKey = { message: saved.message, step: 'send', peer: recipient } as const;
    const more = [...extras, ...(await this.files.rowsOf(cell.keys, message))];
    const rows = author === recipient ? more : [...more, ...this.enqueued(cell.keys, outboxKey)];
    const at = this.placement.actionTime(saved.at, cell);
    const kept = { step: 'save', message, receipts, drafts, at, rows } as const;
    const actions = await this.keeper.writeMessage(cell, kept);
    if (actions === null) return this.stored(cell.keys, saved.message, 'saved');
    if (author !== recipient) this.sent.remember(cell.keys, message, { saved, actions });
    this.tell(author, changeSignal(this.placement.strategy, saved.message));
    return saved;
  }

  /** Signs the recipient's `delivered` receipt for a vetted message. Commits nothing. */
  countersign({ message: { recipient: by }, saved: { message, space } }: SignedMessage): SignedReceipt {
    return this.notary.signReceipt({ message, space, status: 'delivered', at: this.node.clock.now(), by });
  }

  /**
   * Commits a vetted message of a peer's with the `delivered` receipt. One that was delivered before stays so,
   * also when its author may not write any more, or its file has gone since.
   * @throws RecipientRefusesError, FileIncompleteError
   */
  async accept(
    signed: SignedMessage,
    { rows = [], ...acceptance }: AcceptOptions = {},
  ): Promise<AcceptedMessage> {
    const { author, recipient } = signed.message;
    const keys = this.node.keyring.keysOf(recipient);
    try {
      return await this.node.writers.admit(keys, author, (admission) =>
        this.files.whole(() => this.acceptWith(signed, { ...acceptance, rows: [...admission, ...rows] })),
      );
    } catch (error) {
      if (!isRefused(error)) throw error;
      const before = { message: signed.saved.message, status: 'delivered' } as const;
      return { receipt: await this.storedBefore(keys, before, error), actions: null };
    }
  }

  private async acceptWith(signed: SignedMessage, acceptance: AcceptOptions): Promise<AcceptedMessage> {
    const { message, saved } = signed;
    const { author, recipient } = message;
    const cell = await this.placement.cellFor(recipient, author);
    const { rows = [], delivered = this.countersign(signed) } = acceptance;
    const received = this.placement.copiesReceived ? [messageEnvelope(message, saved)] : [];
    const drafts = this.placement.draftsOf([...received, receiptEnvelope(delivered)], cell, author);
    const kept = {
      step: 'accept' as const,
      message,
      receipts: [saved, delivered],
      drafts,
      at: this.placement.actionTime(delivered.at, cell),
      rows: [
        ...rows,
        ...(await this.files.rowsOf(cell.keys, message)),
        ...this.replyOwing(cell.keys, saved.message, author),
      ],
    };
    const actions = await this.keeper.writeMessage(cell, kept);
    if (actions === null) {
      const receipt = await this.stored(cell.keys, saved.message, 'delivered');
      return { receipt, actions };
    }
    const { strategy } = this.placement;
    this.tell(recipient, { type: 'message', strategy, message: saved.message, from: author });
    return { receipt: delivered, actions };
  }

  /** Commits a receipt of the recipient's on the author's side. @returns the stored receipt */
  async confirm(
    author: AgentPubKey,
    receipt: SignedReceipt,
    extras: readonly Rows[] = [],
  ): Promise<SignedReceipt> {
    const ref = { holder: author, message: receipt.message };
    const held = await this.sent.find(ref);
    const { message } = held;
    if (receipt.space !== receiptOf(held, 'saved').receipt.space) {
      throw new InvalidReceiptError('the receipt is of another space than the message');
    }
    this.notary.verifyReceipt(receipt, message);
    const copy = await this.copyOf(receipt, message);
    const at = this.placement.actionTime(this.node.clock.now());
    const outboxKey = { strategy: this.placement.strategy, message: receipt.message, step: 'send' } as const;
    const completion = this.node.outbox.complete(copy.keys, outboxKey);
    const rows = [...extras, ...completion];
    const kept = { step: 'confirm', receipt, drafts: copy.drafts, at, rows } as const;
    if ((await this.keeper.writeReceipt(copy, kept)) === null) {
      await commitRows(this.node.db, completion);
      return this.stored(copy.keys, receipt.message, receipt.status);
    }
    this.sent.forget(copy.keys, receipt.message);
    this.tell(author, receiptSignal(this.placement.strategy, receipt));
    return receipt;
  }

  /**
   * Commits a `read` receipt on the recipient's chain; only that the message is not unread any more, where the switches
   * say that its author is not told. What was read before stays as it is. @returns the stored receipt, if there is one
   * @throws MessageDeletedError
   */
  read(ref: MessageRef): Promise<SignedReceipt | null> {
    return this.readings.read(ref);
  }

  /** Puts the holder's tombstone on a message, be it unreadable; a send that is still pending is pending no more. */
  async remove(ref: MessageRef): Promise<void> {
    const keys = this.node.keyring.keysOf(ref.holder);
    const outboxKey = { strategy: this.placement.strategy, message: ref.message, step: 'send' } as const;
    const { sealed } = await this.history.findRow(ref);
    this.sent.forget(keys, ref.message);
    const rows = [
      ...this.history.tombstone(ref),
      ...this.node.outbox.complete(keys, outboxKey),
      ...this.files.released(keys, openMessage(keys, sealed)),
    ];
    // In turn: a statement on its pin may hold the message's row, and only what is looked at afterwards shows that.
    await atHome(() => transact(this.node.db, (tx) => writeInTurn(tx, rows)));
    this.tell(ref.holder, changeSignal(this.placement.strategy, ref.message));
  }

  /** What the author puts on its own chain of a receipt that came from the recipient. */
  private async copyOf(receipt: SignedReceipt, { author, recipient }: MessageDraft): Promise<ReceiptCopy> {
    if (!this.placement.copiesReceived) {
      return { keys: this.node.keyring.keysOf(author), chain: null, drafts: [] };
    }
    const cell = await this.placement.cellFor(author, recipient);
    return { ...cell, drafts: this.placement.draftsOf([receiptEnvelope(receipt)], cell, recipient) };
  }

  private openIn({ chain }: Cell, message: MessageDraft): OpeningReceipts {
    return openingReceipts(this.notary, message, { at: this.node.clock.now(), space: chain.space });
  }

  /** Enqueues a step in the same commit. */
  private enqueued(keys: AgentKeys, enqueued: Omit<NewOutboxEntry, 'strategy'>): readonly Rows[] {
    return this.node.outbox.enqueue(keys, { ...enqueued, strategy: this.placement.strategy });
  }

  /** The `delivered` receipt is enqueued for the author, unless it goes back with the reply to the author's call. */
  private replyOwing(keys: AgentKeys, message: MessageId, author: AgentPubKey): readonly Rows[] {
    return this.placement.repliesReceipts
      ? []
      : this.enqueued(keys, { message, step: 'delivered', peer: author });
  }

  /** @throws the refusal when it was not */
  private async storedBefore(
    keys: AgentKeys,
    { message, status }: Pick<SignedReceipt, 'message' | 'status'>,
    refusal: MessagingError,
  ): Promise<SignedReceipt> {
    try {
      return await this.stored(keys, message, status);
    } catch (error) {
      throw error instanceof MessageNotFoundError ? refusal : error;
    }
  }

  /** With the keys at hand: an agent that signed out since has what it has. */
  private async stored(keys: AgentKeys, message: MessageId, status: ReceiptStatus): Promise<SignedReceipt> {
    return (await this.history.receiptWith(keys, message, status)).receipt;
  }

  private tell(agent: AgentPubKey, signal: UiSignal): void {
    this.node.signals.emit(agent, signal);
  }
}
