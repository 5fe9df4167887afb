import {
  AgentOfflineError,
  CallerNotAuthorError,
  InvalidReceiptError,
  MessageNotFoundError,
  MessagingError,
  NotRecipientError,
  RecipientUnreachableError,
  RemoteCallRefusedError,
  type Guarantees,
  type AgentPubKey,
  type SpaceId,
  type MessageDraft,
  type SignedMessage,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type PinCarrier,
  type Presence,
  type ReceiptStatus,
  type SignedReceipt,
  type Clock,
} from '@musubi/messaging';
import { type Holding, InMemoryAgent, heldMessage } from './in-memory-agent.js';
import { InMemoryCursors } from './in-memory-cursor.js';
import { InMemoryFiles } from './in-memory-files.js';
import { InMemoryPins } from './in-memory-pins.js';
import { InMemoryReader } from './in-memory-reader.js';
import { InMemoryWriter, type WriterOptions } from './in-memory-writer.js';

interface InMemoryOptions extends WriterOptions {
  readonly presence: Presence;
  readonly clock: Clock;
  readonly space: SpaceId;
  /** All that is kept when a strategy is closed and another is opened. */
  readonly agents: Map<AgentPubKey, InMemoryAgent>;
  /** At least one random byte. */
  readonly cursorSecret: Uint8Array;
  /** Runs when a recipient has taken a chunk of a file; when it throws, the author does not hear of that. */
  readonly afterChunk: () => void;
}

/**
 * The reference: the port's contract in the plainest code there is, on one hash-linked journal for each agent,
 * in memory. It hides nothing from this process.
 */
export class InMemoryStrategy implements MessagingStrategy<'in-memory'> {
  readonly name = 'in-memory';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  readonly pins: PinCarrier;
  readonly files: InMemoryFiles;
  private readonly writer: InMemoryWriter;

  constructor(private readonly options: InMemoryOptions) {
    const isRelaxed = options.ordering === 'relaxed';
    this.guarantees = {
      concurrentReceive: isRelaxed,
      concurrentSave: isRelaxed,
      offlineDelivery: false,
      unboundedPeers: true,
      bodyStaysWithPair: true,
      hidesPeers: true,
      unlinkableCopies: true,
    };
    const cursors = new InMemoryCursors(options.cursorSecret);
    const agentOf = (agent: AgentPubKey): InMemoryAgent => this.agentOf(agent);
    const reader = new InMemoryReader({ presence: options.presence, cursors, agentOf });
    this.messages = reader;
    this.writer = new InMemoryWriter(options);
    const call = (callee: AgentPubKey, answer: () => Promise<void>): Promise<void> =>
      this.asCallee(callee, answer);
    const { clock } = options;
    const listed = (ref: MessageRef): Holding => reader.holding(ref);
    this.pins = new InMemoryPins({ clock, writer: this.writer, agentOf, listed, call });
    this.files = new InMemoryFiles({ agentOf, call, afterChunk: options.afterChunk });
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }

  join(agent: AgentPubKey): Promise<void> {
    this.agentOf(agent);
    return Promise.resolve();
  }

  activate(agent: AgentPubKey): Promise<void> {
    return this.join(agent);
  }

  deactivate(): Promise<void> {
    return Promise.resolve();
  }

  async save(draft: MessageDraft): Promise<SignedReceipt> {
    const saved = this.sign(draft, 'saved');
    this.files.require(draft.author, draft.payload);
    const further = draft.author === draft.recipient ? (['delivered', 'read'] as const) : [];
    const receipts = [saved, ...further.map((status) => this.sign(draft, status))];
    await this.writer.writeMessage(this.agentOf(draft.author), draft, receipts);
    return this.receipt({ holder: draft.author, message: saved.message }, 'saved');
  }

  async send(ref: MessageRef): Promise<SignedReceipt> {
    const { message, receipts } = this.sent(ref);
    const [saved, delivered] = heldMessage(this.sent(ref)).receipts;
    if (delivered !== undefined) return receipts.get('delivered') ?? delivered;
    if (saved === undefined) throw new MessageNotFoundError('a message is held with its saved receipt');
    await this.files.bring(message);
    const { id, ...draft } = message;
    return this.asCallee(message.recipient, () =>
      this.receive(ref.holder, message.recipient, { message: draft, saved }),
    );
  }

  /** What the recipient does with a message that a caller hands in. @throws every refusal of the port */
  async receive(caller: AgentPubKey, callee: AgentPubKey, signed: SignedMessage): Promise<SignedReceipt> {
    const { message, saved } = signed;
    if (message.author !== caller) throw new CallerNotAuthorError('the caller did not write this message');
    if (message.recipient !== callee) throw new NotRecipientError('this message is for somebody else');
    this.options.notary.verifyMessage(signed);
    this.files.require(callee, message.payload);
    await this.writer.writeMessage(this.agentOf(callee), message, [saved, this.sign(message, 'delivered')]);
    return this.receipt({ holder: callee, message: saved.message }, 'delivered');
  }

  async confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    const ref = { holder: author, message: receipt.message };
    const holding = this.sent(ref);
    if (receipt.space !== this.options.space)
      throw new InvalidReceiptError('the receipt is of another space');
    this.options.notary.verifyReceipt(receipt, holding.message);
    await this.writer.writeReceipt(this.agentOf(author), holding, receipt);
    return this.receipt(ref, receipt.status);
  }

  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message } = this.sent(ref);
    return this.asCallee(message.recipient, () => {
      const holding = this.agentOf(message.recipient).holdings.get(ref.message);
      return Promise.resolve(holding === undefined ? null : (heldMessage(holding).receipts.at(-1) ?? null));
    });
  }

  async read(ref: MessageRef): Promise<SignedReceipt | null> {
    const holding = this.held(ref);
    if (holding.message.recipient !== ref.holder)
      throw new MessageNotFoundError('this agent did not receive it');
    if (this.isReadQuietly(ref.holder, holding)) return null;
    await this.writer.writeReceipt(this.agentOf(ref.holder), holding, this.sign(holding.message, 'read'));
    return this.receipt(ref, 'read');
  }

  async sendReceipt(ref: MessageRef): Promise<void> {
    const { message } = this.held(ref);
    const highest = heldMessage(this.held(ref)).receipts.at(-1);
    if (highest === undefined) throw new MessageNotFoundError('this agent holds no receipt of it');
    await this.asCallee(message.author, () => this.receiveReceipt(ref.holder, message.author, highest));
  }

  /** What an author does with a receipt that a caller hands in. */
  async receiveReceipt(
    caller: AgentPubKey,
    callee: AgentPubKey,
    receipt: SignedReceipt,
  ): Promise<SignedReceipt> {
    if (receipt.by !== caller) throw new CallerNotAuthorError('the caller did not make this receipt');
    return this.confirm(callee, receipt);
  }

  remove(ref: MessageRef): Promise<void> {
    return Promise.resolve().then(() => {
      const holding = this.held(ref);
      holding.isDeleted = true;
      this.files.free(this.agentOf(ref.holder), holding.message.payload);
    });
  }

  /** For harnesses: everything an agent has. */
  agentOf(agent: AgentPubKey): InMemoryAgent {
    const { agents } = this.options;
    const known = agents.get(agent) ?? new InMemoryAgent(agent);
    agents.set(agent, known);
    return known;
  }

  /** A call to another agent: it has to be online, and its refusals come back by their codes. */
  private async asCallee<Value>(callee: AgentPubKey, answer: () => Promise<Value>): Promise<Value> {
    if (!this.options.presence.isOnline(callee)) throw new RecipientUnreachableError('the callee is offline');
    try {
      return await answer();
    } catch (error) {
      if (error instanceof MessagingError) throw new RemoteCallRefusedError(error.code, error.retryable);
      throw error;
    }
  }

  private sign(message: MessageDraft, status: ReceiptStatus): SignedReceipt {
    const { clock, notary, space } = this.options;
    const by = status === 'saved' ? message.author : message.recipient;
    return notary.signReceipt({ message: notary.messageIdOf(message), status, by, at: clock.now(), space });
  }

  /** Where it is read for the reader alone, it stays so. */
  private isReadQuietly(reader: AgentPubKey, holding: Holding): boolean {
    if (!this.agentOf(reader).tellsReading && !holding.receipts.has('read')) holding.isReadQuietly = true;
    return holding.isReadQuietly === true;
  }

  private sent(ref: MessageRef): Holding {
    const holding = this.held(ref);
    if (holding.message.author !== ref.holder) throw new MessageNotFoundError('this agent did not write it');
    return holding;
  }

  private held({ holder, message }: MessageRef): Holding {
    if (!this.options.presence.isOnline(holder)) throw new AgentOfflineError('this agent is offline');
    const holding = this.agentOf(holder).holdings.get(message);
    if (holding === undefined) throw new MessageNotFoundError('this agent holds no such message');
    return holding;
  }

  private receipt(ref: MessageRef, status: ReceiptStatus): SignedReceipt {
    const receipt = this.held(ref).receipts.get(status);
    if (receipt === undefined) throw new MessageNotFoundError(`this agent holds no ${status} receipt of it`);
    return receipt;
  }
}
