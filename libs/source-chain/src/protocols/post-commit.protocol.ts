import { type Correspondence } from '@musubi/history';
import {
  type MessageDraft,
  type MessageRef,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Unserve } from '@musubi/network';
import { type RemoteCell, lineOf } from '../remote-cell.js';
import { type PostCommitHooks } from './post-commit-hooks.js';
import { type SendingProtocol } from './sending-protocol.js';
import { sentMessage } from './sent-message.js';

/**
 * Kizuna's last form: each call writes one chain, and hooks after the commits call the other side. The caller
 * hears of the save and of nothing else; whatever a hook fails at stays undone until somebody sends again.
 */
export class PostCommitProtocol implements SendingProtocol {
  constructor(
    private readonly own: Correspondence,
    private readonly remote: RemoteCell,
    private readonly hooks: PostCommitHooks,
  ) {}

  async save(draft: MessageDraft): Promise<SignedReceipt> {
    const saved = await this.own.save(draft);
    if (draft.author !== draft.recipient) this.bring({ message: draft, saved });
    return saved;
  }

  async send(ref: MessageRef): Promise<SignedReceipt | null> {
    const { delivered, ...signed } = await sentMessage(this.own, ref);
    if (delivered !== undefined) return delivered;
    this.bring(signed);
    return null;
  }

  async receive(signed: SignedMessage): Promise<SignedReceipt> {
    const { receipt: delivered } = await this.own.accept(signed);
    const { from, to } = lineOf(signed.message);
    this.hooks.run(() => this.remote.receiveReceipt({ from: to, to: from }, delivered));
    return delivered;
  }

  wake(): Promise<void> {
    return Promise.resolve();
  }

  serve(): Unserve {
    return () => undefined;
  }

  settle(): Promise<void> {
    return this.hooks.idle();
  }

  private bring(signed: SignedMessage): void {
    this.hooks.run(() => this.remote.receiveMessage(lineOf(signed.message), signed));
  }
}
