import { FileTransfer, type NodeContext, SourceChains } from '@musubi/cell';
import { type Rows } from '@musubi/database';
import { MessageLog, HistoryReader, highestReceiptOf, receiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Guarantees,
  InvalidRecordError,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type PinCarrier,
  type PinId,
  RemoteCallRefusedError,
  type SignedReceipt,
} from '@musubi/messaging';
import { type StopServing, requireReply, serveReporting } from '@musubi/network';
import { encodeMessageId } from '@musubi/receipts';
import { CloneEntriesPlacement } from './clone-entries.placement.js';
import { CloneStore } from './clone.store.js';
import { Clones } from './clones.js';
import { signMembraneProof } from './membrane-proof.js';
import { type Pair, pairOf } from './pair.js';
import { PairCell } from './pair-cell.js';
import { decodeBundle, encodeBundle, entryRecords, recordsOf } from './record-bundle.js';

/** What a cell calls before its peer has joined the clone of the two. */
export const JOIN_CLONE = 'pairwise-dht/join_clone';
const INTEGRATE = 'pairwise-dht/integrate_records';
const GET_RECEIPT = 'pairwise-dht/get_receipt';
const FILE_FUNCTIONS = {
  offerFile: 'pairwise-dht/offer_file',
  receiveChunk: 'pairwise-dht/receive_chunk',
};

export interface PairwiseDhtOptions {
  /** How many enabled clones an agent may have, opened by it or joined; at most half, rounded up, by peers. */
  readonly cloneLimit: number;
}

/**
 * The second placement: each pair of conversants has a space of its own, a clone with a secret network
 * seed, and each member keeps a full copy of it. Records reach the other member's cell by remote call.
 */
export class PairwiseDhtStrategy implements MessagingStrategy<'pairwise-dht', Rows> {
  readonly name = 'pairwise-dht';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  readonly pins: PinCarrier;
  /** What an agent sees of its clones, and decides about them. */
  readonly clones: Clones;
  private readonly chains: SourceChains;
  private readonly cells: CloneStore;
  private readonly own: MessageLog;
  private readonly cell: PairCell;
  private readonly files: FileTransfer;
  private readonly stopServing: StopServing[] = [];

  constructor(
    private readonly node: NodeContext,
    options: PairwiseDhtOptions,
  ) {
    this.chains = new SourceChains(node.db, node.chains);
    this.cells = new CloneStore(node.db, { ...options, ownsDatabase: node.ownsDatabase === true });
    this.clones = new Clones(this.cells, node.keyring);
    const placement = new CloneEntriesPlacement(node, this.chains, this.cells);
    this.own = new MessageLog(node, placement, this.chains);
    this.messages = new HistoryReader(this.own.history, node.log);
    this.pins = {
      pin: (ref, pinned) => this.own.pins.pin(ref, pinned),
      sendPin: (holder, pin) => this.sendPin(holder, pin),
    };
    this.files = new FileTransfer(node, FILE_FUNCTIONS);
    const { own, cells, chains } = this;
    this.cell = new PairCell({
      own,
      clones: cells,
      chains,
      placement,
      writers: node.writers,
      keysOf: (agent) => node.keyring.keysOf(agent),
    });
    this.guarantees = {
      concurrentReceive: true,
      concurrentSave: node.chains.ordering === 'relaxed',
      offlineDelivery: false,
      unboundedPeers: false,
      bodyStaysWithPair: true,
      hidesPeers: true,
      unlinkableCopies: true,
    };
  }

  init(): Promise<void> {
    const { cell, node } = this;
    this.stopServing.push(
      serveReporting(node, JOIN_CLONE, (call) => cell.joinClone(call)),
      serveReporting(node, INTEGRATE, (call) => cell.integrateRecords(call)),
      serveReporting(node, GET_RECEIPT, (call) => cell.getReceipt(call)),
      ...this.files.serve((call, announcement) => cell.vetFile(call, announcement)),
    );
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    for (const stop of this.stopServing.splice(0)) stop();
    return Promise.resolve();
  }

  /** Nothing to join before there is a peer. */
  join(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing waits anywhere for an agent of this placement: peers call it while it is online. */
  activate(): Promise<void> {
    return Promise.resolve();
  }

  deactivate(): Promise<void> {
    return Promise.resolve();
  }

  save(draft: MessageDraft, extras?: readonly Rows[]): Promise<SignedReceipt> {
    return this.own.save(draft, { rows: extras });
  }

  async send(ref: MessageRef): Promise<SignedReceipt> {
    const held = await this.own.sent.find(ref);
    const delivered = held.receipts.at(1);
    if (delivered !== undefined) return delivered.receipt;
    const keys = this.node.keyring.keysOf(ref.holder);
    const pair = pairOf(keys, held.message.recipient);
    const records = await recordsOf(this.own.sent, keys, receiptOf(held, 'saved'));
    const bundle = encodeBundle(records);
    const deliver = (): Promise<Uint8Array> => this.bring(pair, bundle);
    const { payload } = held.message;
    const line = { from: pair.holder, to: pair.peer };
    const reply =
      payload.type === 'text'
        ? await deliver()
        : await this.files.deliver({ ...line, file: payload.file, announcement: bundle }, deliver);
    const receipt = await this.receiptIn(pair, reply);
    if (receipt === null) throw new InvalidRecordError('the peer replied with no receipt');
    return receipt;
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.cell.confirm(author, receipt);
  }

  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message } = await this.own.history.findSent(ref);
    const pair = this.pairOf(ref.holder, message.recipient);
    await this.cells.find(this.node.keyring.keysOf(ref.holder), pair);
    return this.receiptIn(pair, await this.call(pair, GET_RECEIPT, encodeMessageId(message.id)));
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
    const records = await recordsOf(this.own.sent, keys, highestReceiptOf(held));
    await this.bring(pairOf(keys, held.message.author), encodeBundle(records));
  }

  private async sendPin(holder: AgentPubKey, statement: PinId): Promise<boolean> {
    const pending = await this.own.pins.pending(holder, statement);
    if (pending === null) return false;
    await this.bring(this.pairOf(holder, pending.peer), encodeBundle(entryRecords(pending.actions)));
    return true;
  }

  private pairOf(holder: AgentPubKey, peer: AgentPubKey): Pair {
    return pairOf(this.node.keyring.keysOf(holder), peer);
  }

  /**
   * Brings records to the peer, inviting it first when it has not joined, and again when it says so.
   * @throws CloneDisabledError when the holder switched its own clone off
   */
  private async bring(pair: Pair, bundle: Uint8Array): Promise<Uint8Array> {
    const clone = await this.cells.find(this.node.keyring.keysOf(pair.holder), pair);
    if (clone?.isPeerJoined !== true) await this.invite(pair);
    try {
      return await this.call(pair, INTEGRATE, bundle);
    } catch (error) {
      if (!(error instanceof RemoteCallRefusedError) || error.reason !== 'not-joined') throw error;
      await this.invite(pair);
      return this.call(pair, INTEGRATE, bundle);
    }
  }

  private async invite(pair: Pair): Promise<void> {
    const keys = this.node.keyring.keysOf(pair.holder);
    await this.call(pair, JOIN_CLONE, signMembraneProof(keys, { space: pair.space, member: pair.peer }));
    await this.cells.markPeerJoined(keys, pair);
  }

  private async receiptIn(pair: Pair, reply: Uint8Array): Promise<SignedReceipt | null> {
    const [record] = decodeBundle(reply);
    return record === undefined ? null : this.cell.takeReceipt(pair, record);
  }

  private async call(pair: Pair, fn: string, payload: Uint8Array): Promise<Uint8Array> {
    return requireReply(await this.node.calls.call({ from: pair.holder, to: pair.peer, fn, payload }));
  }
}
