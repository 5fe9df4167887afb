import {
  type AgentPubKey,
  type MessageDraft,
  type MessageRef,
  type SignedMessage,
  type SignedReceipt,
} from '@musubi/messaging';
import { type Unserve } from '@musubi/network';

/** How an act of sending crosses from the one chain to the other: what the variants differ in. */
export interface SendingProtocol {
  save(draft: MessageDraft): Promise<SignedReceipt>;
  /** @returns `null` when the receipt comes back by itself */
  send(ref: MessageRef): Promise<SignedReceipt | null>;
  /** The recipient's side of a call. @returns the stored `delivered` receipt */
  receive(signed: SignedMessage): Promise<SignedReceipt>;
  /** The agent is online again. */
  wake(agent: AgentPubKey): Promise<void>;
  /** Begins to answer what only this protocol asks. */
  serve(): Unserve;
  /** Waits until nothing is under way that no caller waits for. */
  settle(): Promise<void>;
}
