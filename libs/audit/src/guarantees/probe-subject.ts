import {
  type AgentPubKey,
  type MessageDraft,
  type MessageRef,
  type MessagingStrategy,
  type SignedReceipt,
} from '@musubi/messaging';

/** A placement with agents of its own, as a probe of its guarantees needs it. */
export interface ProbeSubject {
  readonly strategy: MessagingStrategy;
  /** How many peers an agent can have, where the placement bounds them at all. */
  readonly peerLimit: number;
  /** A new agent, joined and online. */
  newAgent(): Promise<AgentPubKey>;
  goOffline(agent: AgentPubKey): Promise<void>;
  goOnline(agent: AgentPubKey): Promise<void>;
  /** A text message with a fresh nonce, sent now. */
  draft(from: AgentPubKey, to: AgentPubKey): MessageDraft;
  /** Sends a saved message, unless saving it did. @returns the recipient's receipt, where the reply brings it */
  send(ref: MessageRef): Promise<SignedReceipt | null>;
  /** Waits until nothing is under way that no caller waits for. */
  whenIdle(): Promise<void>;
  /** What agents outside a pair are given. */
  strangersView(pair: readonly AgentPubKey[]): Promise<StrangersView>;
}

/** What strangers hold by now. */
export interface StrangersView {
  /** Of values that are longer than any hash, key or signature: bodies, sealed or not. */
  readonly bodyBytes: number;
  /** Records that name both of the pair. */
  readonly namingBoth: number;
  /** Hashes that stand on the chains of two authors. */
  readonly sharedHashes: number;
}
