import { type Keyring } from '@musubi/cell';
import { type Delivery } from '@musubi/delivery';
import { type AgentPubKey, type Log, type MessagingStrategy } from '@musubi/messaging';
import { type Typing } from './typing.js';

interface LifecycleParts {
  readonly strategies: readonly MessagingStrategy[];
  readonly delivery: Delivery;
  readonly keyring: Keyring;
  readonly network: Reachability;
  readonly typing: Pick<Typing, 'start' | 'stop'>;
  readonly log: Log;
}

/** Where a node says which agents it serves. */
export interface Reachability {
  /** The agent came online here: others may call it. Fails never, and waits for nobody. */
  announce?(agent: AgentPubKey): void;
  /** The agent went offline here. */
  withdraw?(agent: AgentPubKey): void;
}

/** Starts and stops a node, and brings agents online and offline on all its strategies. */
export class Lifecycle {
  constructor(private readonly parts: LifecycleParts) {}

  /** Starts the strategies. The worker of the outbox starts on its own: `delivery.start()`. */
  async start(): Promise<void> {
    for (const strategy of this.parts.strategies) await strategy.init();
    this.parts.typing.start();
  }

  /** Finishes the attempts under way, and stops the strategies. */
  async stop(): Promise<void> {
    await this.parts.delivery.stop();
    await this.stopStrategies();
  }

  /** Stops the strategies alone, as where the attempts under way never end. */
  async stopStrategies(): Promise<void> {
    await this.parts.typing.stop();
    for (const strategy of this.parts.strategies) await strategy.destroy();
  }

  /** Makes a new agent's cell on each strategy, and brings it online. */
  async join(agent: AgentPubKey): Promise<void> {
    for (const strategy of this.parts.strategies) await strategy.join(agent);
    await this.activate(agent);
  }

  /** Brings an agent online whose key is unlocked: its cells take up what waits for them, and peers what waits for it. */
  async activate(agent: AgentPubKey): Promise<void> {
    for (const strategy of this.parts.strategies) await strategy.activate(agent);
    this.parts.network.announce?.(agent);
    this.parts.delivery.arrived(agent);
  }

  /** Takes an agent offline, whatever else fails: its key leaves this process's memory. */
  async deactivate(agent: AgentPubKey): Promise<void> {
    const { keyring, log, network, strategies } = this.parts;
    const deactivated = await Promise.allSettled(strategies.map((strategy) => strategy.deactivate(agent)));
    if (deactivated.some(({ status }) => status === 'rejected')) log.warn('agent-deactivation-failed');
    network.withdraw?.(agent);
    keyring.lock(agent);
  }
}
