import { type NodeContext } from '@musubi/cell';
import { type Rows } from '@musubi/database';
import { type MessageDraft, type SignedMessage, type SignedReceipt } from '@musubi/messaging';
import { type SourceChainOptions, SourceChainStrategy, lineOf } from '@musubi/source-chain';
import { PostCommitHooks } from './post-commit-hooks.js';
import { receiptsOnly } from './receipts-only.js';

/**
 * Kizuna's last form: each call writes one chain, and hooks after the commits call the other side. The caller
 * hears of the save and of nothing else; whatever a hook fails at stays undone until somebody sends again.
 */
export class PostCommitSourceChain extends SourceChainStrategy {
  private readonly hooks: PostCommitHooks;

  constructor(node: NodeContext, options?: SourceChainOptions) {
    super({ ...node, outbox: receiptsOnly(node.outbox) }, options);
    this.hooks = new PostCommitHooks(node.log);
  }

  override async save(draft: MessageDraft, extras?: readonly Rows[]): Promise<SignedReceipt> {
    const saved = await super.save(draft, extras);
    if (draft.author !== draft.recipient) await this.bring({ message: draft, saved });
    return saved;
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.whenIdle();
  }

  /** Waits until no hook is under way. */
  whenIdle(): Promise<void> {
    return this.hooks.idle();
  }

  protected override bring(signed: SignedMessage): Promise<null> {
    this.hooks.run(() => super.bring(signed));
    return Promise.resolve(null);
  }

  protected override async accept(signed: SignedMessage): Promise<SignedReceipt> {
    const delivered = await super.accept(signed);
    const { from, to } = lineOf(signed.message);
    this.hooks.run(() => this.remote.receiveReceipt({ from: to, to: from }, delivered));
    return delivered;
  }
}
