import {
  type AgentPubKey,
  type MessageDraft,
  type Notary,
  RecipientRefusesError,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Holding, type InMemoryAgent, type InMemoryPin } from './in-memory-agent.js';

export interface WriterOptions {
  readonly notary: Notary;
  readonly ordering: 'strict' | 'relaxed';
  /** Runs between looking at a chain's head and writing behind it; when it rejects, nothing is written. */
  readonly beforeCommit: () => Promise<void>;
}

/** What goes on one author's chain together: actions, and what they change in the author's holdings. */
interface Write {
  readonly contents: readonly string[];
  /** Nothing is left to do. */
  readonly isDone: () => boolean;
  /** Whose word it is, where that must be let in. */
  readonly from?: AgentPubKey;
  readonly apply: () => void;
}

/** Writes one agent's chain and holdings, all at once or not at all. */
export class InMemoryWriter {
  constructor(private readonly options: WriterOptions) {}

  writeMessage(
    holder: InMemoryAgent,
    draft: MessageDraft,
    receipts: readonly SignedReceipt[],
  ): Promise<void> {
    const { holdings } = holder;
    const id = this.options.notary.messageIdOf(draft);
    return this.write(holder, {
      contents: receipts.map(({ status }) => `${id}/${status}`),
      from: draft.author,
      isDone: () => holdings.has(id),
      apply: () => {
        const byStatus = new Map(receipts.map((receipt) => [receipt.status, receipt]));
        holdings.set(id, { message: { id, ...draft }, isDeleted: false, receipts: byStatus });
      },
    });
  }

  writeReceipt(holder: InMemoryAgent, { receipts }: Holding, receipt: SignedReceipt): Promise<void> {
    return this.write(holder, {
      contents: [`${receipt.message}/${receipt.status}`],
      isDone: () => receipts.has(receipt.status),
      apply: () => receipts.set(receipt.status, receipt),
    });
  }

  /** Unless a later one holds. */
  writePin(holder: InMemoryAgent, holding: Holding, pin: InMemoryPin): Promise<void> {
    return this.write(holder, {
      contents: [pin.id],
      from: pin.by,
      isDone: () => holding.pin !== undefined && !isLater(pin, holding.pin),
      apply: () => {
        holding.pin = pin;
      },
    });
  }

  /** Whether an agent may write there, when that is committed. */
  private isRefused(holder: InMemoryAgent, from: AgentPubKey): boolean {
    return holder.blocked.has(from);
  }

  /** Looks at the head, lets others act, then writes behind it. @throws HeadMovedError under strict ordering, RecipientRefusesError */
  private async write(holder: InMemoryAgent, { contents, from, isDone, apply }: Write): Promise<void> {
    const { chain } = holder;
    const seen = chain.head;
    await this.options.beforeCommit();
    if (isDone()) return;
    if (from !== undefined && this.isRefused(holder, from))
      throw new RecipientRefusesError('the recipient takes nothing of this author');
    chain.append(this.options.ordering === 'strict' ? seen : chain.head, contents);
    apply();
  }
}

function isLater(pin: InMemoryPin, than: InMemoryPin): boolean {
  return pin.at === than.at ? pin.id > than.id : pin.at > than.at;
}
