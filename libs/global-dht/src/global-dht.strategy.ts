import { Dht, type Genesis, type NodeContext, SourceChains, genesisRows } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows, commitRows } from '@musubi/database';
import { MessageLog, HistoryReader, highestReceiptOf, receiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Day,
  type Guarantees,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type PinCarrier,
  type PinId,
  RemoteCallRefusedError,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Addressing, ownChain } from './addressing/addressing.js';
import { derivedAddressing } from './addressing/derived.addressing.js';
import { ContactStore } from './contact.store.js';
import { writeContactRequest } from './contact-request.js';
import { FileEntries } from './file-entries.js';
import { LetterDelivery } from './letter-delivery.js';
import { LetterPublisher } from './letter-publisher.js';
import { MailboxRounds } from './mailbox-rounds.js';
import { ReadingMarkStore } from './reading-mark.store.js';
import { type MailboxCell, SealedLettersPlacement } from './sealed-letters.placement.js';

interface GlobalDhtOptions {
  /** How often letters are looked for that no push told of, in milliseconds; `null`: the owner of the strategy polls. */
  readonly pollMs: number | null;
  /** Where letters are linked; when absent, at bases that only their two agents can find. */
  readonly addressing?: Addressing;
  /** Recipients publish the receipts that they commit; true when absent. */
  readonly answers?: boolean;
}

/**
 * The third placement: one store for everybody. Letters lie in it sealed, and links say where to look.
 * The author publishes; the recipient's cell finds the letter, whenever it is online, and answers the same way.
 */
export class GlobalDhtStrategy implements MessagingStrategy<'global-dht', Rows> {
  readonly name = 'global-dht';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  readonly pins: PinCarrier;
  private readonly addressing: Addressing;
  private readonly chains: SourceChains;
  /** First contact is written at any head: it has nothing to do with what the caller looked at. */
  private readonly contactRequestChains: SourceChains;
  private readonly dht: Dht;
  private readonly contacts: ContactStore;
  private readonly own: MessageLog<MailboxCell>;
  private readonly publisher: LetterPublisher;
  private readonly files: FileEntries;
  private readonly rounds: MailboxRounds;

  constructor(
    private readonly node: NodeContext,
    private readonly options: GlobalDhtOptions,
  ) {
    const { db } = node;
    this.addressing = options.addressing ?? derivedAddressing;
    this.chains = new SourceChains(db, node.chains);
    this.contactRequestChains = new SourceChains(db, { ...node.chains, ordering: 'relaxed' });
    this.dht = new Dht(db, node.signals);
    this.contacts = new ContactStore(db, node.random);
    const placement = new SealedLettersPlacement(node, this.chains, this.addressing);
    this.own = new MessageLog(node, placement, this.chains);
    this.messages = new HistoryReader(this.own.history, node.log);
    this.pins = {
      pin: (ref, pinned) => this.own.pins.pin(ref, pinned),
      sendPin: (holder, pin) => this.sendPin(holder, pin),
    };
    const { own, dht, addressing, contacts } = this;
    const notePublished = (days: ReadonlySet<Day>): void => {
      this.rounds.notePublished(days);
    };
    this.publisher = new LetterPublisher({ sent: own.sent, dht, notePublished });
    const { needsContactRequest } = addressing;
    const { answers = true } = options;
    const { publisher } = this;
    this.files = new FileEntries({ dht, files: node.files });
    const letters = { own, publisher, needsContactRequest, answers, fileEntries: this.files };
    const delivery = new LetterDelivery({ ...node, ...letters });
    const marks = new ReadingMarkStore(db);
    this.rounds = new MailboxRounds({ ...node, addressing, contacts, delivery, dht, marks });
    this.guarantees = {
      concurrentReceive: true,
      concurrentSave: node.chains.ordering === 'relaxed',
      offlineDelivery: true,
      unboundedPeers: true,
      bodyStaysWithPair: false,
      hidesPeers: addressing.hidesPeers,
      unlinkableCopies: true,
    };
  }

  init(): Promise<void> {
    return this.rounds.start(this.options.pollMs);
  }

  destroy(): Promise<void> {
    return this.rounds.close();
  }

  async join(agent: AgentPubKey): Promise<void> {
    const keys = this.node.keyring.keysOf(agent);
    await this.chains.start(ownChain(keys), this.genesis());
    await commitRows(this.node.db, this.rounds.beginning(keys));
  }

  /** What `join` commits, as rows, for an agent whose keys are made in the same transaction. */
  genesisRows(keys: AgentKeys): readonly Rows[] {
    return [...genesisRows(ownChain(keys), this.genesis()), ...this.rounds.beginning(keys)];
  }

  /** Its mailboxes are read in the background. @throws AgentOfflineError */
  activate(agent: AgentPubKey): Promise<void> {
    this.rounds.activate(this.node.keyring.keysOf(agent));
    return Promise.resolve();
  }

  deactivate(agent: AgentPubKey): Promise<void> {
    return this.rounds.deactivate(agent);
  }

  async save(draft: MessageDraft, extras?: readonly Rows[]): Promise<SignedReceipt> {
    const keys = this.node.keyring.keysOf(draft.author);
    await this.expectLettersFrom(keys, draft.recipient);
    return this.own.save(draft, { rows: extras });
  }

  /**
   * Publishes. The receipt comes into the author's own mailbox, whenever the recipient is online.
   * @throws RemoteCallRefusedError, as where it is called, when the recipient was deleted
   */
  async send(ref: MessageRef): Promise<SignedReceipt | null> {
    const held = await this.own.sent.find(ref);
    const delivered = held.receipts.at(1);
    if (delivered !== undefined) return delivered.receipt;
    this.assertNotDeleted(held.message.recipient);
    const keys = this.node.keyring.keysOf(ref.holder);
    await this.requestContact(keys, held.message.recipient);
    const { payload } = held.message;
    if (payload.type === 'file') await this.files.publish(keys, payload.file);
    const outboxKey = { strategy: this.name, message: ref.message, step: 'send' } as const;
    const completion = [
      this.own.history.changed(keys, ref.message),
      ...this.node.outbox.complete(keys, outboxKey),
    ];
    await this.publisher.publish(keys, receiptOf(held, 'saved'), completion);
    return null;
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.own.confirm(author, receipt);
  }

  /** Nobody is asked: the author reads its own mailboxes of that recipient again. */
  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message: sent } = await this.own.history.findSent(ref);
    await this.rounds.readAgain(ref.holder, sent.recipient);
    const { receipts, message } = await this.own.history.findSent(ref);
    const highest = receipts.at(-1)?.receipt;
    return highest?.by === message.recipient ? highest : null;
  }

  read(ref: MessageRef): Promise<SignedReceipt | null> {
    return this.own.read(ref);
  }

  remove(ref: MessageRef): Promise<void> {
    return this.own.remove(ref);
  }

  async sendReceipt(ref: MessageRef): Promise<void> {
    const held = await this.own.history.findReceived(ref);
    const keys = this.node.keyring.keysOf(ref.holder);
    await this.publisher.publish(keys, highestReceiptOf(held));
  }

  private async sendPin(holder: AgentPubKey, statement: PinId): Promise<boolean> {
    const pending = await this.own.pins.pending(holder, statement);
    if (pending === null) return false;
    this.assertNotDeleted(pending.peer);
    await this.publisher.publishActions(pending.actions);
    return true;
  }

  /**
   * That peer may write to the agent now who could not, or anybody for `null`. What was dropped is looked at again: requests
   * for contact of any day, and letters of the days that are watched.
   */
  lookAgain(agent: AgentPubKey, peer: AgentPubKey | null): Promise<void> {
    return this.rounds.lookAgain(agent, peer);
  }

  /** Watches the days around today, as a poll does first. */
  turn(): void {
    this.rounds.turn();
  }

  /** Looks for letters that no push told of. @param elapsedMs since the last time, by a clock that nobody sets */
  poll(elapsedMs: number): Promise<void> {
    return this.rounds.poll(elapsedMs);
  }

  /** Resolves when the agents that are online have read everything that was published to them by now. */
  whenIdle(): Promise<void> {
    return this.rounds.whenIdle();
  }

  /** Nobody will ever read for it. @throws RemoteCallRefusedError */
  private assertNotDeleted(agent: AgentPubKey): void {
    if (this.node.wasDeleted?.(agent) === true) throw new RemoteCallRefusedError('agent-deleted', false);
  }

  /** Strangers see when an agent joined as exactly as they see its letters. */
  private genesis(): Genesis {
    return { at: this.addressing.actionTime(this.node.clock.now()), membraneProof: null };
  }

  private async expectLettersFrom(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    if (this.rounds.knows(keys.agent, peer)) return;
    await this.contacts.add(keys, peer);
    this.rounds.expect(keys.agent, peer);
  }

  private async requestContact(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    if (!this.addressing.needsContactRequest || (await this.contacts.hasRequested(keys, peer))) return;
    const actions = await writeContactRequest(
      { node: this.node, chains: this.contactRequestChains },
      keys,
      peer,
    );
    await this.publisher.publishActions(actions);
    await this.contacts.markRequested(keys, peer);
  }
}
