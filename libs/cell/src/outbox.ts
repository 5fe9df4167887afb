import { type Rows } from '@musubi/database';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type StrategyName } from '@musubi/messaging';

/**
 * What a holder can still owe for a message: to bring it to its recipient, or to bring its author the receipt of this
 * status. Each is made owed once and no more, so whoever settles one settles nothing that has been owed since.
 */
export const OWED_STEPS = ['send', 'delivered', 'read'] as const;
export type OwedStep = (typeof OWED_STEPS)[number];

export function isOwedStep(text: string): text is OwedStep {
  return OWED_STEPS.some((step) => step === text);
}

/** One step that is owed, by its name: owing it twice is owing it once. */
export interface Owed {
  readonly strategy: StrategyName;
  readonly message: MessageId;
  readonly step: OwedStep;
}

/** A step together with whom it concerns. */
export interface Owing extends Owed {
  readonly peer: AgentPubKey;
}

/**
 * Where a cell notes what it owes, in the very transaction that makes it owe it: what is committed is also
 * remembered to be sent, whatever happens next.
 */
export interface Outbox {
  owe(holder: AgentKeys, owing: Owing): readonly Rows[];
  /** The step is done, however it came to be: nothing is owed any more. */
  settle(holder: AgentKeys, owed: Owed): readonly Rows[];
}

/** Remembers nothing: every step is the caller's to repeat. */
export const forgetfulOutbox: Outbox = {
  owe: () => [],
  settle: () => [],
};
