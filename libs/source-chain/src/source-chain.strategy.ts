import { type NodeContext } from '@musubi/cell';
import { type Correspondence, HistoryReader, highestReceiptOf } from '@musubi/history';
import {
  type AgentPubKey,
  type Guarantees,
  type MessageDraft,
  type MessageReader,
  type MessageRef,
  type MessagingStrategy,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Unserve, serveReporting } from '@musubi/network';
import { type SendingProtocol } from './protocols/sending-protocol.js';
import { type PrivateEntriesPlacement } from './private-entries.placement.js';
import { ReceivingCell } from './receiving-cell.js';
import { type RemoteCell, lineOf } from './remote-cell.js';
import { REMOTE_FUNCTIONS } from './source-chain.dna.js';
import { type SourceChainOptions } from './source-chain.options.js';
import { assemble } from './variant.js';

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
  private readonly remote: RemoteCell;
  private readonly protocol: SendingProtocol;
  private readonly unserve: Unserve[] = [];

  constructor(
    private readonly node: NodeContext,
    options: SourceChainOptions = {},
  ) {
    const { placement, own, remote, protocol } = assemble(node, options);
    this.placement = placement;
    this.own = own;
    this.remote = remote;
    this.protocol = protocol;
    this.messages = new HistoryReader(own.history);
    // Under strict ordering the head moves; while a session is open, its two chains are locked.
    const isShared = node.chains.ordering === 'relaxed' && options.protocol !== 'countersigned';
    this.guarantees = {
      concurrentReceive: isShared,
      concurrentSave: isShared,
      offlineDelivery: false,
      unboundedPeers: true,
      bodyStaysWithPair: true,
      hidesPeers: true,
      unlinkableCopies: options.envelope !== 'shared',
    };
  }

  init(): Promise<void> {
    const cell = new ReceivingCell({ own: this.own, protocol: this.protocol, random: this.node.random });
    const { node } = this;
    this.unserve.push(
      this.protocol.serve(),
      serveReporting(node, REMOTE_FUNCTIONS.receiveMessage, (call) => cell.receiveMessage(call)),
      serveReporting(node, REMOTE_FUNCTIONS.receiveReceipt, (call) => cell.receiveReceipt(call)),
      serveReporting(node, REMOTE_FUNCTIONS.getReceipt, (call) => cell.getReceipt(call)),
    );
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    for (const stop of this.unserve.splice(0)) stop();
    await this.protocol.settle();
  }

  /** Waits until nothing is under way that no caller waits for: hooks, where the protocol has them. */
  settle(): Promise<void> {
    return this.protocol.settle();
  }

  async join(agent: AgentPubKey): Promise<void> {
    await this.placement.cellFor(agent);
  }

  async wake(agent: AgentPubKey): Promise<void> {
    await this.join(agent);
    await this.protocol.wake(agent);
  }

  rest(): Promise<void> {
    return Promise.resolve();
  }

  save(draft: MessageDraft): Promise<SignedReceipt> {
    return this.protocol.save(draft);
  }

  send(ref: MessageRef): Promise<SignedReceipt | null> {
    return this.protocol.send(ref);
  }

  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.own.confirm(author, receipt);
  }

  async probe(ref: MessageRef): Promise<SignedReceipt | null> {
    const { message } = await this.own.history.findSent(ref);
    return this.remote.getReceipt(lineOf(message), message.id);
  }

  read(ref: MessageRef): Promise<SignedReceipt> {
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
}
