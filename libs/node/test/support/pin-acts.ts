import { type AttemptOutcome } from '@musubi/delivery';
import {
  type AgentPubKey,
  type HeldMessage,
  type MessageId,
  type PinId,
  type StrategyName,
} from '@musubi/messaging';
import { untilEqual } from '../../../../test/support/until.js';
import { type DeliveryNode } from '@musubi/testing';

/** What agents of a node do with pins on one placement. */
export interface PinActs {
  /** A message of the first one's to the second, which both know as delivered. */
  readonly delivered: (pair: readonly [AgentPubKey, AgentPubKey]) => Promise<MessageId>;
  readonly held: (holder: AgentPubKey, message: MessageId) => Promise<HeldMessage>;
  readonly isPinned: (holder: AgentPubKey, message: MessageId) => Promise<boolean>;
  readonly state: (holder: AgentPubKey, message: MessageId, pinned: boolean) => Promise<PinId>;
  /** Brings a statement to the peer. @returns what came of it */
  readonly bring: (holder: AgentPubKey, pin: PinId) => Promise<AttemptOutcome['kind']>;
  readonly isPending: (holder: AgentPubKey, pin: PinId) => Promise<boolean>;
}

/** @param node asked for at each act, since it is opened later */
export function pinActs(node: () => DeliveryNode, strategy: StrategyName): PinActs {
  const stepOf = (pin: PinId) => ({ strategy, message: pin, step: 'pin' }) as const;
  const held: PinActs['held'] = (holder, message) =>
    node().strategies[strategy].messages.find({ holder, message });
  return {
    held,
    delivered: async ([author, recipient]) => {
      const step = await node().save(strategy, [author, recipient]);
      await node().attempts.first(author, step);
      await node().whenIdle();
      await untilEqual('delivered', async () => (await held(author, step.message)).status);
      return step.message;
    },
    isPinned: async (holder, message) => (await held(holder, message)).pinned === true,
    state: async (holder, message, pinned) => {
      const pin = await node().strategies[strategy].pins.pin({ holder, message }, pinned);
      if (pin === null) throw new Error('nothing was said');
      return pin;
    },
    bring: async (holder, pin) => {
      const { kind } = await node().attempts.first(holder, stepOf(pin));
      await node().whenIdle();
      return kind;
    },
    isPending: async (holder, pin) =>
      (await node().outbox.find(node().keyring.keysOf(holder), stepOf(pin))) !== null,
  };
}
