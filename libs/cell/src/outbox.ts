import { type AgentKeys } from '@musubi/crypto';
import { type AgentPubKey, type MessageId, type StrategyName } from '@musubi/messaging';
import { type EntityManager } from 'typeorm';

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

type Tx = Pick<EntityManager, 'query'>;

/**
 * Where a cell notes what it owes, in the very transaction that makes it owe it: what is committed is also
 * remembered to be sent, whatever happens next.
 */
export interface Outbox {
  owe(tx: Tx, holder: AgentKeys, owing: Owing): Promise<void>;
  /** The step is done, however it came to be: nothing is owed any more. */
  settle(tx: Tx, holder: AgentKeys, owed: Owed): Promise<void>;
}

/** Remembers nothing: every step is the caller's to repeat. */
export const forgetfulOutbox: Outbox = {
  owe: () => Promise.resolve(),
  settle: () => Promise.resolve(),
};
