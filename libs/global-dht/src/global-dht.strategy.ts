import { Dht, type NodeContext, SourceChains } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { Correspondence, HistoryReader, highestReceiptOf, receiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Guarantees,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Addressing } from './addressing/addressing.js';
import { agentKeyAddressing, ownChain } from './addressing/agent-key.addressing.js';
import { derivedAddressing } from './addressing/derived.addressing.js';
import { ContactStore } from './contact.store.js';
import { writeKnock } from './knock.js';
import { LetterDelivery } from './letter-delivery.js';
import { LetterPublisher } from './letter-publisher.js';
import { MailboxWatch } from './mailbox-watch.js';
import { type MailboxCell, SealedLettersPlacement } from './sealed-letters.placement.js';

export interface GlobalDhtOptions {
  /** `agent-key` is the note's, and tells every stranger who writes to whom: for measuring only. */
  readonly links: 'derived' | 'agent-key';
  /** How often mailboxes are read without a push, in milliseconds. */
  readonly pollMs: number;
  /** `withheld`: recipients commit `delivered`, and publish it to nobody: for measuring only. */
  readonly receipts?: 'published' | 'withheld';
}

const ADDRESSINGS: Readonly<Record<GlobalDhtOptions['links'], Addressing>> = {
  derived: derivedAddressing,
  'agent-key': agentKeyAddressing,
};

/**
 * The note's third placement: one store for everybody, where letters lie sealed and links say where to look.
 * The author publishes; the recipient's cell finds the letter, whenever it is online, and answers the same way.
 */
export class GlobalDhtStrategy implements MessagingStrategy<'global-dht'> {
  readonly name = 'global-dht';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  private readonly addressing: Addressing;
  private readonly chains: SourceChains;
  /** First contact is written at any head: it has nothing to do with what the caller looked at. */
  private readonly knockChains: SourceChains;
  private readonly dht: Dht;
  private readonly contacts: ContactStore;
  private readonly own: Correspondence<MailboxCell>;
  private readonly publisher: LetterPublisher;
  private readonly delivery: LetterDelivery;
  private readonly watches = new Map<AgentPubKey, MailboxWatch>();
  private readonly stopping = new AbortController();
  private polling: Promise<void> = Promise.resolve();

  constructor(
    private readonly node: NodeContext,
    private readonly options: GlobalDhtOptions,
  ) {
    const { db, log, outbox } = node;
    this.addressing = ADDRESSINGS[options.links];
    this.chains = new SourceChains(db, node.chains);
    this.knockChains = new SourceChains(db, { ...node.chains, ordering: 'relaxed' });
    this.dht = new Dht(db, node.signals);
    this.contacts = new ContactStore(db);
    const placement = new SealedLettersPlacement(node, this.chains, this.addressing);
    this.own = new Correspondence(node, placement, this.chains);
    this.messages = new HistoryReader(this.own.history);
    const { own, dht, chains, addressing } = this;
    this.publisher = new LetterPublisher({ node, sent: own.sent, chains, dht, addressing });
    const { publisher } = this;
    const { needsKnock } = addressing;
    const answers = options.receipts !== 'withheld';
    this.delivery = new LetterDelivery({ own, publisher, log, outbox, needsKnock, answers });
    this.guarantees = {
      concurrentReceive: true,
      concurrentSave: node.chains.ordering === 'relaxed',
      offlineDelivery: true,
      unboundedPeers: true,
      bodyStaysWithPair: false,
      hidesPeers: options.links === 'derived',
      unlinkableCopies: true,
    };
  }

  init(): Promise<void> {
    this.polling = this.poll();
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.watches.keys()].map((agent) => this.rest(agent)));
    await this.polling;
  }

  async join(agent: AgentPubKey): Promise<void> {
    const keys = this.node.keyring.keysOf(agent);
    await this.chains.start(ownChain(keys), { at: this.node.clock.now(), membraneProof: null });
  }

  async wake(agent: AgentPubKey): Promise<void> {
    if (this.watches.has(agent)) return;
    const { addressing, contacts, delivery, dht } = this;
    const { clock, log, signals } = this.node;
    const parts = { addressing, contacts, delivery, dht, clock, log, signals };
    const watch = new MailboxWatch(this.node.keyring.keysOf(agent), parts);
    this.watches.set(agent, watch);
    await watch.start();
  }

  async rest(agent: AgentPubKey): Promise<void> {
    const watch = this.watches.get(agent);
    this.watches.delete(agent);
    await watch?.close();
  }

  async save(draft: MessageDraft): Promise<SignedReceipt> {
    const keys = this.node.keyring.keysOf(draft.author);
    await this.expectLettersFrom(keys, draft.recipient);
    return this.own.save(draft);
  }

  /** Publishes. The receipt comes into the author's own mailbox, whenever the recipient is online. */
  async send(ref: MessageRef): Promise<SignedReceipt | null> {
    const held = await this.own.sent.find(ref);
    const delivered = held.receipts.at(1);
    if (delivered !== undefined) return delivered.receipt;
    const keys = this.node.keyring.keysOf(ref.holder);
    await this.knock(keys, held.message.recipient);
    const owed = { strategy: this.name, message: ref.message, step: 'send' } as const;
    const settled = this.node.outbox.settle(keys, owed);
    const { recipient: peer } = held.message;
    await this.publisher.publish(keys, receiptOf(held, 'saved'), { peer, settled });
    return null;
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.own.confirm(author, receipt);
  }

  /** Nobody is asked: the author reads its own mailbox again. */
  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const watch = this.watches.get(ref.holder);
    watch?.readAgain();
    await watch?.settle();
    const { receipts, message } = await this.own.history.findSent(ref);
    const highest = receipts.at(-1)?.receipt;
    return highest?.by === message.recipient ? highest : null;
  }

  read(ref: MessageRef): Promise<SignedReceipt> {
    return this.own.read(ref);
  }

  remove(ref: MessageRef): Promise<void> {
    return this.own.remove(ref);
  }

  async sendReceipt(ref: MessageRef): Promise<void> {
    const held = await this.own.history.findReceived(ref);
    const keys = this.node.keyring.keysOf(ref.holder);
    await this.publisher.publish(keys, highestReceiptOf(held), { peer: held.message.author });
  }

  /** Resolves when the agents that are online have read everything that was published to them by now. */
  async settle(): Promise<void> {
    await Promise.all([...this.watches.values()].map((watch) => watch.settle()));
  }

  private async expectLettersFrom(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    if (this.watches.get(keys.agent)?.knows(peer) === true) return;
    await this.contacts.add(keys, peer);
    // Not the watch of before: the agent may have gone and come back, and begun to watch without this peer.
    this.watches.get(keys.agent)?.addPeer(peer);
  }

  private async knock(keys: AgentKeys, peer: AgentPubKey): Promise<void> {
    if (!this.addressing.needsKnock || (await this.contacts.isKnocked(keys, peer))) return;
    const actions = await writeKnock({ node: this.node, chains: this.knockChains }, keys, peer);
    await this.publisher.publishActions(actions);
    await this.contacts.markKnocked(keys, peer);
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.node.clock.sleep(this.options.pollMs, signal);
      if (signal.aborted) return;
      for (const watch of this.watches.values()) watch.readAgain();
    }
  }
}
