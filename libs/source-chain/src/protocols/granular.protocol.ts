import { type Correspondence } from '@musubi/history';
import {
  type MessageDraft,
  type MessageRef,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Unserve } from '@musubi/network';
import { type RemoteCell, lineOf } from '../remote-cell.js';
import { type SendingProtocol } from './sending-protocol.js';
import { sentMessage } from './sent-message.js';

/** The note's granular steps: each commits one chain, and each can be repeated alone. */
export class GranularProtocol implements SendingProtocol {
  constructor(
    private readonly own: Correspondence,
    private readonly remote: RemoteCell,
  ) {}

  save(draft: MessageDraft): Promise<SignedReceipt> {
    return this.own.save(draft);
  }

  async send(ref: MessageRef): Promise<SignedReceipt> {
    const { delivered, ...signed } = await sentMessage(this.own, ref);
    return delivered ?? this.remote.receiveMessage(lineOf(signed.message), signed);
  }

  async receive(signed: SignedMessage): Promise<SignedReceipt> {
    return (await this.own.accept(signed)).receipt;
  }

  wake(): Promise<void> {
    return Promise.resolve();
  }

  serve(): Unserve {
    return () => undefined;
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }
}
