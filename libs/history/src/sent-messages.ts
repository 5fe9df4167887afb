import { type SourceChains, type StoredAction } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import {
  type ChainPlace,
  type MessageDraft,
  type MessageId,
  type MessageRef,
  type SignedReceipt,
} from '@musubi/messaging';
import { type PlacedReceipt } from '@musubi/receipts';
import { LRUCache } from 'lru-cache';
import { type History } from './history.js';
import { type PlacedMessage } from './placed-message.js';

/** Of one author: far more than are ever on their way at once. */
const CAPACITY = 256;

/** A message that was just saved, with what went on its author's chain for it. */
interface SavedMessage {
  readonly held: PlacedMessage;
  readonly actions: readonly StoredAction[];
}

/**
 * Messages as their authors hold them. Those that were saved here and are on their way are remembered, so that
 * sending and confirming need not read back what was just written: what is remembered of them cannot change, and it
 * goes with their author's keys.
 */
export class SentMessages {
  private readonly remembered = new WeakMap<AgentKeys, LRUCache<MessageId, SavedMessage>>();

  constructor(
    private readonly history: History,
    private readonly chains: SourceChains,
  ) {}

  /** With the receipts it was saved with, or those it has. @throws MessageNotFoundError, AgentOfflineError */
  async find(ref: MessageRef): Promise<PlacedMessage> {
    const known = this.rememberedOf(this.history.keys.keysOf(ref.holder)).get(ref.message);
    return known?.held ?? this.history.findSent(ref);
  }

  /** The actions on the holder's own chain that carry a receipt; none when it came from the peer. */
  async actionsOf(holder: AgentKeys, { receipt, place }: PlacedReceipt): Promise<readonly StoredAction[]> {
    if (place === null) return [];
    const known = this.rememberedOf(holder).get(receipt.message);
    return receipt.status === 'saved' && known !== undefined ? known.actions : this.chains.read(place);
  }

  /** Remembers a message that was saved with these actions, which stand together. */
  remember(author: AgentKeys, message: MessageDraft, { saved, actions }: JustSaved): void {
    const remembered = this.rememberedOf(author);
    const held = { message: { id: saved.message, ...message }, status: saved.status };
    const receipts = [{ receipt: saved, place: placeOf(actions) }];
    remembered.set(saved.message, { held: { ...held, receipts }, actions });
  }

  /** It is not on its way any more. */
  forget(author: AgentKeys, message: MessageId): void {
    this.rememberedOf(author).delete(message);
  }

  private rememberedOf(author: AgentKeys): LRUCache<MessageId, SavedMessage> {
    const remembered =
      this.remembered.get(author) ?? new LRUCache<MessageId, SavedMessage>({ max: CAPACITY });
    this.remembered.set(author, remembered);
    return remembered;
  }
}

interface JustSaved {
  readonly saved: SignedReceipt;
  readonly actions: readonly StoredAction[];
}

function placeOf(actions: readonly StoredAction[]): ChainPlace | null {
  const [first] = actions;
  if (first === undefined) return null;
  const { space, author, seq } = first.signed.action;
  return { space, author, seq, count: actions.length };
}
