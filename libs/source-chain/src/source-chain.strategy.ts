import { type NodeContext, SourceChains } from '@musubi/cell';
import { Correspondence, HistoryReader, highestReceiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Guarantees,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Unserve, demandReply } from '@musubi/network';
import {
  decodeReceiptEnvelope,
  encodeEnvelope,
  encodeMessageId,
  messageLetter,
  receiptLetter,
} from '@musubi/receipts';
import { PrivateEntriesPlacement } from './private-entries.placement.js';
import { ReceivingCell } from './receiving-cell.js';
import { REMOTE_FUNCTIONS } from './source-chain.dna.js';

/**
 * The note's first placement: the message is a private entry on the sender's source chain and another on the
 * recipient's, and a remote call is what brings it from the one to the other.
 */
export class SourceChainStrategy implements MessagingStrategy<'source-chain'> {
  readonly name = 'source-chain';
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  private readonly placement: PrivateEntriesPlacement;
  private readonly own: Correspondence;
  private readonly unserve: Unserve[] = [];

  constructor(private readonly node: NodeContext) {
    const chains = new SourceChains(node.db, node.chains);
    this.placement = new PrivateEntriesPlacement(node, chains);
    this.own = new Correspondence(node, this.placement, chains);
    this.messages = new HistoryReader(this.own.history);
    const isRelaxed = node.chains.ordering === 'relaxed';
    this.guarantees = {
      concurrentReceive: isRelaxed,
      concurrentSave: isRelaxed,
      offlineDelivery: false,
      unboundedPeers: true,
      bodyStaysWithPair: true,
      hidesPeers: true,
      unlinkableCopies: true,
    };
  }

  init(): Promise<void> {
    const cell = new ReceivingCell(this.own, this.node.random);
    const { calls } = this.node;
    this.unserve.push(
      calls.serve(REMOTE_FUNCTIONS.receiveMessage, (call) => cell.receiveMessage(call)),
      calls.serve(REMOTE_FUNCTIONS.receiveReceipt, (call) => cell.receiveReceipt(call)),
      calls.serve(REMOTE_FUNCTIONS.getReceipt, (call) => cell.getReceipt(call)),
    );
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    for (const stop of this.unserve.splice(0)) stop();
    return Promise.resolve();
  }

  async join(agent: AgentPubKey): Promise<void> {
    await this.placement.cellFor(agent);
  }

  /** Nothing waits anywhere for an agent of this placement: peers call it while it is online. */
  wake(agent: AgentPubKey): Promise<void> {
    return this.join(agent);
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }

  save(draft: MessageDraft): Promise<SignedReceipt> {
    return this.own.save(draft);
  }

  async send(ref: MessageRef): Promise<SignedReceipt> {
    const { message, receipts } = await this.own.history.findSent(ref);
    const [saved, delivered] = receipts;
    if (delivered !== undefined) return delivered.receipt;
    if (saved === undefined) throw new Error('a message is never stored without its saved receipt');
    const envelope = encodeEnvelope(messageLetter(message, saved.receipt), this.node.random);
    const reply = await this.call(REMOTE_FUNCTIONS.receiveMessage, { ref, to: message.recipient, envelope });
    return decodeReceiptEnvelope(reply);
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.own.confirm(author, receipt);
  }

  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message } = await this.own.history.findSent(ref);
    const envelope = encodeMessageId(message.id);
    const reply = await this.call(REMOTE_FUNCTIONS.getReceipt, { ref, to: message.recipient, envelope });
    return reply.length === 0 ? null : decodeReceiptEnvelope(reply);
  }

  read(ref: MessageRef): Promise<SignedReceipt> {
    return this.own.read(ref);
  }

  remove(ref: MessageRef): Promise<void> {
    return this.own.remove(ref);
  }

  async sendReceipt(ref: MessageRef): Promise<void> {
    const held = await this.own.history.findReceived(ref);
    const envelope = encodeEnvelope(receiptLetter(highestReceiptOf(held).receipt), this.node.random);
    await this.call(REMOTE_FUNCTIONS.receiveReceipt, { ref, to: held.message.author, envelope });
  }

  private async call(
    fn: string,
    {
      ref,
      to,
      envelope,
    }: { readonly ref: MessageRef; readonly to: AgentPubKey; readonly envelope: Uint8Array },
  ): Promise<Uint8Array> {
    return demandReply(await this.node.calls.call({ from: ref.holder, to, fn, payload: envelope }));
  }
}
