import { OpenFailedError } from '@musubi/crypto';
import { type AgentPubKey, type MessagingStrategy, type Strategies } from '@musubi/messaging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConfigError } from '../config/config.js';
import { Delivery } from './delivery.service.js';
import { type ServiceNode } from './node-context.js';
import { NODE, STRATEGIES } from './tokens.js';

/** Brings agents online and offline on every placement at once. */
@Injectable()
export class AgentLife implements OnModuleInit, OnApplicationShutdown {
  private readonly all: readonly MessagingStrategy[];

  constructor(
    @Inject(NODE) private readonly node: ServiceNode,
    @Inject(STRATEGIES) strategies: Strategies,
    @Inject(Delivery) private readonly delivery: Delivery,
  ) {
    this.all = Object.values(strategies);
  }

  /** Starts the placements, and wakes the agents that need nobody to unlock them. */
  async onModuleInit(): Promise<void> {
    for (const strategy of this.all) await strategy.init();
    for (const agent of await this.unlockUnattended()) await this.wake(agent);
    this.delivery.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.delivery.stop();
    for (const strategy of this.all) await strategy.destroy();
  }

  /** A new agent: genesis on every placement, then online. */
  async create(passphrase: string | undefined): Promise<AgentPubKey> {
    const { agent } = await this.node.keyring.create(passphrase);
    for (const strategy of this.all) await strategy.join(agent);
    await this.wake(agent);
    return agent;
  }

  /** @returns false when the passphrase is not this agent's */
  async unlock(agent: AgentPubKey, passphrase: string): Promise<boolean> {
    if ((await this.node.keyring.unlock(agent, passphrase)) === null) return false;
    await this.wake(agent);
    return true;
  }

  /** Online here already, or, where another process has made it, from now on. @returns false when it has to sign in */
  async meet(agent: AgentPubKey): Promise<boolean> {
    if (this.isOnline(agent)) return true;
    if (!(await this.node.keyring.unlockIfUnattended(agent))) return false;
    await this.wake(agent);
    return true;
  }

  /** Takes an attended agent offline: its key leaves this process's memory. Others stay. */
  async lock(agent: AgentPubKey): Promise<void> {
    if (!(await this.node.keyring.isAttended(agent))) return;
    for (const strategy of this.all) await strategy.rest(agent);
    this.node.network.withdraw(agent);
    this.node.keyring.lock(agent);
  }

  isOnline(agent: AgentPubKey): boolean {
    return this.node.keyring.isOnline(agent);
  }

  /** @throws ConfigError when the node's secret is not the one that sealed the keys */
  private async unlockUnattended(): Promise<readonly AgentPubKey[]> {
    try {
      return await this.node.keyring.unlockUnattended();
    } catch (error) {
      if (!(error instanceof OpenFailedError)) throw error;
      throw new ConfigError(
        'NODE_SECRET (without one: node-secret in DATA_DIR) is not the secret that the keys of the unattended agents ' +
          'in this database are sealed with.',
      );
    }
  }

  private async wake(agent: AgentPubKey): Promise<void> {
    for (const strategy of this.all) await strategy.wake(agent);
    this.node.network.announce(agent);
    this.delivery.resume();
  }
}
