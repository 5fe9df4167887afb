import { type NodeContext } from '@musubi/cell';
import { type Rows } from '@musubi/database';
import { type AgentPubKey, type MessageDraft, type SignedReceipt } from '@musubi/messaging';
import { type SourceChainOptions, SourceChainStrategy, lineOf } from '@musubi/source-chain';
import { HookedCommits } from './hooked-commits.js';
import { receiptsOnly } from './receipts-only.js';

/**
 * The recipient is called while the sender's commit can still be vetoed,
 * and a call that fails rolls it back and is the caller's error. Unsafe: a call that succeeds without telling
 * leaves the recipient with a message that its sender does not have, and the sender's chain is held for as
 * long as the call takes.
 */
export class VetoSourceChain extends SourceChainStrategy {
  private readonly commits: HookedCommits;

  constructor(node: NodeContext, options?: SourceChainOptions) {
    const commits = new HookedCommits(node.commits);
    super({ ...node, commits, outbox: receiptsOnly(node.outbox) }, options);
    this.commits = commits;
  }

  /** @throws RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError with nothing committed */
  override async save(draft: MessageDraft, rows?: readonly Rows[]): Promise<SignedReceipt> {
    const receipts = await this.own.open(draft);
    const [saved] = receipts;
    const line = lineOf(draft);
    const delivered: SignedReceipt[] = [];
    const callRecipient = async (): Promise<void> => {
      if (line.from !== line.to)
        delivered.push(await this.remote.receiveMessage(line, { message: draft, saved }));
    };
    const stored = await this.commits.withHook(callRecipient, () => this.own.save(draft, { receipts, rows }));
    const last = delivered.at(-1);
    if (last !== undefined) await this.confirmSent(draft.author, last);
    return stored;
  }

  /** The message is on both chains by now: a failure here leaves `saved`, and is no failure of the act. */
  private async confirmSent(author: AgentPubKey, receipt: SignedReceipt): Promise<void> {
    try {
      await this.own.confirm(author, receipt);
    } catch {
      this.node.log.warn('veto-confirm-failed');
    }
  }
}
