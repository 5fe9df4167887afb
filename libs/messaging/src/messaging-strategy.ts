import { type Guarantees } from './guarantees.js';
import { type AgentPubKey, type MessageId } from './ids.js';
import { type HeldMessage, type MessageDraft } from './message.js';
import { type Conversation, type ConversationQuery, type MessageQuery, type Page } from './page.js';
import { type PinId } from './pin.js';
import { type SignedReceipt } from './receipt.js';

export const STRATEGY_NAMES = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

export function isStrategyName(text: string): text is StrategyName {
  return STRATEGY_NAMES.some((name) => name === text);
}

/** A message as one of its two holders knows it. */
export interface MessageRef {
  readonly holder: AgentPubKey;
  readonly message: MessageId;
}

/**
 * One placement. Every method that writes is one repeatable step: the same input gives the same result and
 * writes nothing twice. A step writes one author's chain and no other; what must happen on the peer's side
 * happens there, by the peer's cell. `Row` is what else its database can commit; a caller that knows of none gives none.
 */
export interface MessagingStrategy<Name extends string = string, Row = never> {
  readonly name: Name;
  readonly guarantees: Guarantees;
  readonly messages: MessageReader;
  /** `null` where the placement carries no pins. */
  readonly pins: PinCarrier | null;

  /** Starts to answer peers. Call once, before anything else. */
  init(): Promise<void>;
  /** Stops answering and waits for what is under way. */
  destroy(): Promise<void>;

  /** Makes the agent's cell in this placement, with its genesis actions. @throws AgentOfflineError */
  join(agent: AgentPubKey): Promise<void>;
  /** The agent came online: its cell takes up what waits for it. @throws AgentOfflineError */
  activate(agent: AgentPubKey): Promise<void>;
  /** The agent goes offline: its cell acts no more. */
  deactivate(agent: AgentPubKey): Promise<void>;

  /**
   * Step 1. Commits the message and its `saved` receipt on the author's chain together, or neither; and with them the
   * caller's own rows. A message that is saved already stays as it is, and no row of the caller's is written.
   * @throws HeadMovedError under strict ordering, CloneLimitReachedError, CloneDisabledError, AgentOfflineError,
   * InvalidMessageError for what no recipient would take
   */
  save(draft: MessageDraft, extras?: readonly Row[]): Promise<SignedReceipt>;

  /**
   * Step 2. Brings a saved message to its recipient. Resolves to the recipient's `delivered` receipt, or to
   * `null` where the placement carries receipts back by itself: then nothing is pending any more, and that is noted.
   * @throws MessageNotFoundError, RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError
   */
  send(ref: MessageRef): Promise<SignedReceipt | null>;

  /**
   * Step 3. Commits a receipt of the recipient's on the author's side and resolves to the stored one.
   * @throws InvalidReceiptError, MessageNotFoundError, HeadMovedError under strict ordering
   */
  confirm(author: AgentPubKey, receipt: SignedReceipt): Promise<SignedReceipt>;

  /**
   * Asks for the recipient's stored receipt after an outcome that left it unknown: the highest there is, or
   * `null` when the recipient does not hold the message.
   * @throws MessageNotFoundError, RecipientUnreachableError, RemoteCallUnknownError
   */
  probe(ref: MessageRef): Promise<SignedReceipt | null>;

  /**
   * Reading, step 1. Commits a `read` receipt on the recipient's chain. `null` where the holder tells the author nothing:
   * then the message is read for its holder alone, and stays so.
   * @throws MessageNotFoundError when the holder is not the message's recipient; MessageDeletedError when the holder
   * deleted it unread
   */
  read(ref: MessageRef): Promise<SignedReceipt | null>;

  /**
   * Reading, step 2. Brings the holder's highest receipt to the author.
   * @throws MessageNotFoundError, RecipientUnreachableError, RemoteCallRefusedError, RemoteCallUnknownError
   */
  sendReceipt(ref: MessageRef): Promise<void>;

  /**
   * Puts the holder's tombstone on a message, and ends the act of sending it if that is not over. The peer's
   * copy stays; a receipt that comes late is kept. @throws MessageNotFoundError
   */
  remove(ref: MessageRef): Promise<void>;
}

/** How a placement carries pins: two repeatable steps, as those of a message. */
export interface PinCarrier {
  /**
   * Step 1. Commits the holder's statement on its chain, and that it is to be brought to the peer. What the holder said
   * before is brought again. `null` where the peer said so, or where nobody else is to be told. @throws MessageNotFoundError, MessageDeletedError, PinLimitReachedError,
   * HeadMovedError, CloneDisabledError, AgentOfflineError
   */
  pin(ref: MessageRef, pinned: boolean): Promise<PinId | null>;
  /**
   * Step 2. Brings the statement to the peer, unless a later one has taken its place. @returns whether it did
   * @throws MessageUndeliveredError while the peer does not have the message, RecipientUnreachableError,
   * RemoteCallRefusedError, RemoteCallUnknownError
   */
  sendPin(holder: AgentPubKey, pin: PinId): Promise<boolean>;
}

/** What an agent can read of the messages it holds. Everything is keyset-paged on (sentAt, id). */
export interface MessageReader {
  /** @throws MessageNotFoundError, MessageDeletedError, MessageUnreadableError, AgentOfflineError */
  find(ref: MessageRef): Promise<HeldMessage>;
  /** As `find`, also under the holder's tombstone. @throws MessageNotFoundError, MessageUnreadableError, AgentOfflineError */
  recall(ref: MessageRef): Promise<HeldMessage>;
  /**
   * @throws InvalidCursorError, AgentOfflineError; MessageNotFoundError or MessageDeletedError for an `around` that
   * is not among what is listed
   */
  list(holder: AgentPubKey, query: MessageQuery): Promise<Page<HeldMessage>>;
  /** The latest message first. @throws InvalidCursorError, AgentOfflineError */
  conversations(holder: AgentPubKey, query: ConversationQuery): Promise<Page<Conversation>>;
}

/** A name without its strategy does not compile. */
export type Strategies<Row = never> = { readonly [Name in StrategyName]: MessagingStrategy<Name, Row> };
