import { type Sql } from '@musubi/database';
import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type StrategyName } from '@musubi/messaging';

/** What a holder can still owe for a message: to bring it to its recipient, or its receipt to its author. */
export type OwedStep = 'send' | 'receipt';

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
  owe(tx: Sql, holder: AgentKeys, owing: Owing): Promise<void>;
  /** The step is done, however it came to be: nothing is owed any more. */
  settle(tx: Sql, holder: AgentKeys, owed: Owed): Promise<void>;
}

/** Remembers nothing: every step is the caller's to repeat. */
export const forgetfulOutbox: Outbox = {
  owe: () => Promise.resolve(),
  settle: () => Promise.resolve(),
};
