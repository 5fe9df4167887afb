import { FileTransfer, type NodeContext, SourceChains, genesisRows } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { MessageLog, HistoryReader, highestReceiptOf, receiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Guarantees,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type PinCarrier,
  type PinId,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';
import { type StopServing, serveReporting } from '@musubi/network';
import { type EntryForm, PrivateEntriesPlacement, ownChain } from './private-entries.placement.js';
import { ReceivingCell } from './receiving-cell.js';
import { RemoteCell, lineOf } from './remote-cell.js';
import { REMOTE_FUNCTIONS } from './source-chain.dna.js';

/** What a strategy that is derived from this one does differently. */
export interface SourceChainOptions extends Partial<EntryForm> {
  /** The promises that it keeps or breaks instead. */
  readonly guarantees?: Partial<Guarantees>;
}

/**
 * The first placement: the message is a private entry on the sender's source chain and another on the
 * recipient's, and a remote call is what brings it from the one to the other.
 */
export class SourceChainStrategy implements MessagingStrategy<'source-chain', Rows> {
  readonly name = 'source-chain';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  readonly pins: PinCarrier;
  protected readonly chains: SourceChains;
  protected readonly own: MessageLog;
  protected readonly remote: RemoteCell;
  private readonly files: FileTransfer;
  /** Nothing waits anywhere for an agent of this placement: peers call it while it is online. */
  readonly activate: (agent: AgentPubKey) => Promise<void> = () => Promise.resolve();
  private readonly placement: PrivateEntriesPlacement;
  private readonly stopServing: StopServing[] = [];

  constructor(
    protected readonly node: NodeContext,
    { guarantees, ...form }: SourceChainOptions = {},
  ) {
    this.chains = new SourceChains(node.db, node.chains);
    this.placement = new PrivateEntriesPlacement(node, this.chains, form);
    this.own = new MessageLog(node, this.placement, this.chains);
    this.remote = new RemoteCell(node.calls, node.random);
    this.files = new FileTransfer(node, REMOTE_FUNCTIONS);
    this.messages = new HistoryReader(this.own.history, node.log);
    this.pins = {
      pin: (ref, pinned) => this.own.pins.pin(ref, pinned),
      sendPin: (holder, pin) => this.sendPin(holder, pin),
    };
    // Under strict ordering the head moves.
    const isShared = node.chains.ordering === 'relaxed';
    this.guarantees = {
      concurrentReceive: isShared,
      concurrentSave: isShared,
      offlineDelivery: false,
      unboundedPeers: true,
      bodyStaysWithPair: true,
      hidesPeers: true,
      unlinkableCopies: true,
      ...guarantees,
    };
  }

  init(): Promise<void> {
    const { node, own } = this;
    const cell = new ReceivingCell({ own, accept: (signed) => this.accept(signed), random: node.random });
    this.stopServing.push(
      serveReporting(node, REMOTE_FUNCTIONS.receiveMessage, (call) => cell.receiveMessage(call)),
      serveReporting(node, REMOTE_FUNCTIONS.receiveReceipt, (call) => cell.receiveReceipt(call)),
      serveReporting(node, REMOTE_FUNCTIONS.getReceipt, (call) => cell.getReceipt(call)),
      ...this.files.serve((call, announcement) => Promise.resolve(cell.vetFile(call, announcement))),
    );
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    for (const stop of this.stopServing.splice(0)) stop();
    return Promise.resolve();
  }

  async join(agent: AgentPubKey): Promise<void> {
    await this.placement.cellFor(agent);
  }

  /** What `join` commits, as rows, for an agent whose keys are made in the same transaction. */
  genesisRows(keys: AgentKeys): readonly Rows[] {
    return genesisRows(ownChain(keys), this.placement.genesis());
  }

  deactivate(): Promise<void> {
    return Promise.resolve();
  }

  save(draft: MessageDraft, extras?: readonly Rows[]): Promise<SignedReceipt> {
    return this.own.save(draft, { rows: extras });
  }

  async send(ref: MessageRef): Promise<SignedReceipt | null> {
    const held = await this.own.sent.find(ref);
    const delivered = held.receipts.at(1);
    if (delivered !== undefined) return delivered.receipt;
    return this.bring({ message: held.message, saved: receiptOf(held, 'saved').receipt });
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.own.confirm(author, receipt);
  }

  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message } = await this.own.history.findSent(ref);
    return this.remote.getReceipt(lineOf(message), message.id);
  }

  read(ref: MessageRef): Promise<SignedReceipt | null> {
    return this.own.read(ref);
  }

  remove(ref: MessageRef): Promise<void> {
    return this.own.remove(ref);
  }

  async sendReceipt(ref: MessageRef): Promise<void> {
    const held = await this.own.history.findReceived(ref);
    const { receipt } = highestReceiptOf(held);
    await this.remote.receiveReceipt({ from: ref.holder, to: held.message.author }, receipt);
  }

  private async sendPin(holder: AgentPubKey, statement: PinId): Promise<boolean> {
    const pending = await this.own.pins.pending(holder, statement);
    if (pending === null) return false;
    await this.remote.receivePin({ from: holder, to: pending.peer }, pending.pin);
    return true;
  }

  /** Brings a saved message to its recipient. @returns `null` when the receipt comes back by itself */
  protected bring(signed: SignedMessage): Promise<SignedReceipt | null> {
    const line = lineOf(signed.message);
    const deliver = (): Promise<SignedReceipt> => this.remote.receiveMessage(line, signed);
    const { payload } = signed.message;
    if (payload.type === 'text') return deliver();
    const announcement = this.remote.envelopeOf(signed);
    return this.files.deliver({ ...line, file: payload.file, announcement }, deliver);
  }

  /** The recipient's side of `bring`. @returns the stored `delivered` receipt */
  protected async accept(signed: SignedMessage): Promise<SignedReceipt> {
    return (await this.own.accept(signed)).receipt;
  }
}
