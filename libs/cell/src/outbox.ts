import { type Rows } from '@musubi/database';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type StrategyName } from '@musubi/messaging';

/**
 * A step that can be pending for a message: to bring it to its recipient, or to bring its author the receipt of this
 * status. Each step is enqueued at most once, so completing it never completes a later one.
 */
export const MESSAGE_STEPS = ['send', 'delivered', 'read'] as const;
export type MessageStep = (typeof MESSAGE_STEPS)[number];

/** The same holds of the step that brings a statement on a pin to the peer: each statement has a step of its own. */
export const OUTBOX_STEPS = [...MESSAGE_STEPS, 'pin'] as const;
export type OutboxStep = (typeof OUTBOX_STEPS)[number];

export function isOutboxStep(text: string): text is OutboxStep {
  return OUTBOX_STEPS.some((step) => step === text);
}

/** Names one step of one message. Enqueuing it twice leaves one entry. */
export interface OutboxKey {
  readonly strategy: StrategyName;
  /** Of what is to be brought: for `pin`, the id of the statement. */
  readonly message: MessageId;
  readonly step: OutboxStep;
}

/** A step together with whom it concerns. */
export interface NewOutboxEntry extends OutboxKey {
  readonly peer: AgentPubKey;
}

/**
 * The outbox pattern: a step is enqueued in the transaction that commits what it is about, so that no crash in between
 * can lose it.
 */
export interface Outbox {
  enqueue(holder: AgentKeys, enqueued: NewOutboxEntry): readonly Rows[];
  /** Removes a step that is done. Repeating it is harmless. */
  complete(holder: AgentKeys, outboxKey: OutboxKey): readonly Rows[];
}
