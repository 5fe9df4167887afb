import { type Correspondence } from '@musubi/history';
import { type AgentPubKey, type Log, type MessageDraft, type SignedReceipt } from '@musubi/messaging';
import { type RemoteCell, lineOf } from '../remote-cell.js';
import { GranularProtocol } from './granular.protocol.js';

/**
 * What the note asked of `post_commit`: the recipient is called while the sender's commit can still be vetoed,
 * and a call that fails rolls it back and is the caller's error. Unsafe: a call that succeeds without telling
 * leaves the recipient with a message that its sender does not have, and the sender's chain is held for as
 * long as the call takes.
 */
export class VetoProtocol extends GranularProtocol {
  constructor(
    private readonly sender: Correspondence,
    private readonly recipient: RemoteCell,
    private readonly log: Log,
  ) {
    super(sender, recipient);
  }

  /** @throws RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError with nothing committed */
  override async save(draft: MessageDraft): Promise<SignedReceipt> {
    const receipts = await this.sender.open(draft);
    const [saved] = receipts;
    const line = lineOf(draft);
    const delivered: SignedReceipt[] = [];
    const within = async (): Promise<void> => {
      if (line.from !== line.to)
        delivered.push(await this.recipient.receiveMessage(line, { message: draft, saved }));
    };
    const stored = await this.sender.save(draft, { receipts, within });
    const last = delivered.at(-1);
    if (last !== undefined) await this.confirm(draft.author, last);
    return stored;
  }

  /** The message is on both chains by now: a failure here leaves `saved`, and is no failure of the act. */
  private async confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<void> {
    try {
      await this.sender.confirm(author, receipt);
    } catch {
      this.log.warn('veto-confirm-failed');
    }
  }
}
