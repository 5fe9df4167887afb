import { type NodeContext } from '@musubi/cell';
import {
  type AgentPubKey,
  HeadMovedError,
  type MessageDraft,
  type MessageRef,
  RemoteCallRefusedError,
  type SignedReceipt,
} from '@musubi/messaging';
import { SourceChainStrategy } from '@musubi/source-chain';

/** What happened at the placement, counted from outside. */
export class Counts {
  /** Calls of `send`. */
  attempts = 0;
  /** Sends that were refused since the recipient's head had moved. */
  recipientsHead = 0;
  /** Saves and confirms that failed since the author's own head had moved. */
  ownHead = 0;

  async of<Result>(step: Promise<Result>): Promise<Result> {
    try {
      return await step;
    } catch (error) {
      if (error instanceof HeadMovedError) this.ownHead += 1;
      if (error instanceof RemoteCallRefusedError && error.reason === 'head-moved') this.recipientsHead += 1;
      throw error;
    }
  }
}

export class CountedSourceChain extends SourceChainStrategy {
  constructor(
    node: NodeContext,
    private readonly counts: Counts,
  ) {
    super(node);
  }

  override save(draft: MessageDraft): Promise<SignedReceipt> {
    return this.counts.of(super.save(draft));
  }

  override send(ref: MessageRef): Promise<SignedReceipt | null> {
    this.counts.attempts += 1;
    return this.counts.of(super.send(ref));
  }

  override confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt> {
    return this.counts.of(super.confirm(author, receipt));
  }
}
