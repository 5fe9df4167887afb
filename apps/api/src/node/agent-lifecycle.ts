import { type OpenedKeys } from '@musubi/cell';
import { type AgentKeys, OpenFailedError } from '@musubi/crypto';
import { type Rows } from '@musubi/database';
import { AgentMovedError, type AgentPubKey } from '@musubi/messaging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConfigError } from '../config/config.js';
import { AgentTurns } from './agent-turns.js';
import { type ServiceNode } from './service-node.js';
import { NODE } from './tokens.js';

/** How long calls between nodes have to end when this one stops. */
const LINKS_STOP_MS = 1000;

export interface NewAgentKeys {
  readonly keys: AgentKeys;
  readonly rows: readonly Rows[];
}

type LifecycleNode = Pick<
  ServiceNode,
  'delivery' | 'fences' | 'keyring' | 'lifecycle' | 'marks' | 'network' | 'strategies' | 'writers'
>;

/** Brings agents online and offline on every placement at once. */
@Injectable()
export class AgentLifecycle implements OnModuleInit, OnApplicationShutdown {
  private readonly turns = new AgentTurns();
  private readonly leaveWatchers: ((agent: AgentPubKey) => void)[] = [];

  constructor(@Inject(NODE) private readonly node: LifecycleNode) {}

  /** Starts the placements, and wakes the agents that need nobody to unlock them. */
  async onModuleInit(): Promise<void> {
    const { delivery, fences, lifecycle, network } = this.node;
    await fences.load((agent) => {
      if (fences.find(agent) !== undefined) this.leave(agent);
    });
    await lifecycle.start();
    for (const agent of await this.unlockUnattended()) await lifecycle.activate(agent);
    // Only now: until its agents are online, this node answers that nobody is there.
    await network.links?.open((agents) => void delivery.hasten(...agents));
    delivery.start();
  }

  /** Calls of and to other nodes end meanwhile: an attempt that waits for one ends with it. */
  async onApplicationShutdown(): Promise<void> {
    const { lifecycle, marks, network } = this.node;
    const ends = await Promise.allSettled([network.links?.close(LINKS_STOP_MS), lifecycle.stop()]);
    await marks?.stop();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** A new agent's keys and its genesis on every placement, as rows that have to commit together. */
  async make(passphrase: string | undefined): Promise<NewAgentKeys> {
    const { keyring, strategies } = this.node;
    const { keys, sealed } = await keyring.make(passphrase);
    const { 'source-chain': sourceChain, 'global-dht': globalDht } = strategies;
    const genesis = [...sourceChain.genesisRows(keys), ...globalDht.genesisRows(keys)];
    return { keys, rows: [keyring.rowsOf(sealed), ...genesis] };
  }

  /** An attended agent's keys. They bring it online only when they are handed back. @returns null for a wrong passphrase */
  open(agent: AgentPubKey, passphrase: string): Promise<OpenedKeys | null> {
    return this.node.keyring.open(agent, passphrase);
  }

  /** @throws AgentMovedError */
  async bringOnline(keys: AgentKeys): Promise<void> {
    if (this.node.fences.find(keys.agent) !== undefined)
      throw new AgentMovedError('this agent has left this node, or is leaving it');
    this.node.keyring.admit(keys);
    await this.node.lifecycle.activate(keys.agent);
  }

  /** What unlocks and what locks one agent takes turns: neither works on what the other is just changing. */
  inTurn<Value>(agent: AgentPubKey, work: () => Promise<Value>): Promise<Value> {
    return this.turns.take(agent, work);
  }

  /** Online here already, or, where another process has made it, from now on. @returns false when it has to sign in */
  async ensureOnline(agent: AgentPubKey): Promise<boolean> {
    if (this.node.keyring.isOnline(agent)) return true;
    if (this.node.fences.find(agent) !== undefined) return false;
    return this.inTurn(agent, () => this.wake(agent));
  }

  /** Takes an attended agent offline, whatever else fails: its key leaves this process's memory. */
  async lock(agent: AgentPubKey): Promise<void> {
    await this.node.lifecycle.deactivate(agent);
  }

  /** Tells of agents that leave this node. Those who hear of it must not throw. */
  onLeave(callback: (agent: AgentPubKey) => void): void {
    this.leaveWatchers.push(callback);
  }

  /** Which agents are unlocked in this process. */
  online(): readonly AgentPubKey[] {
    return this.node.keyring.online();
  }

  /** Which of the agents only a passphrase unlocks. */
  attendedAmong(agents: readonly AgentPubKey[]): Promise<readonly AgentPubKey[]> {
    return this.node.keyring.attendedAmong(agents);
  }

  /** Which of the agents are online in some process of the node. */
  onlineAmong(agents: readonly AgentPubKey[]): Promise<ReadonlySet<AgentPubKey>> {
    return this.node.network.onlineAmong(agents);
  }

  /** @returns false when it has to sign in, or has left, be it meanwhile */
  private async wake(agent: AgentPubKey): Promise<boolean> {
    const { fences, keyring, lifecycle } = this.node;
    if (keyring.isOnline(agent)) return true;
    if (!(await keyring.unlockIfUnattended(agent))) return false;
    if (fences.find(agent) !== undefined) {
      keyring.lock(agent);
      return false;
    }
    await lifecycle.activate(agent);
    return true;
  }

  /** Its key leaves this process's memory. */
  private leave(agent: AgentPubKey): void {
    void this.inTurn(agent, () => this.lock(agent));
    this.node.writers.forget(agent);
    for (const tell of this.leaveWatchers) tell(agent);
  }

  /** @throws ConfigError when the node's secret is not the one that sealed the keys */
  private async unlockUnattended(): Promise<readonly AgentPubKey[]> {
    try {
      const { fences, keyring } = this.node;
      const agents = await keyring.unlockUnattended();
      const isHere = (agent: AgentPubKey): boolean => fences.find(agent) === undefined;
      for (const agent of agents) if (!isHere(agent)) keyring.lock(agent);
      return agents.filter(isHere);
    } catch (error) {
      if (!(error instanceof OpenFailedError)) throw error;
      throw new ConfigError(
        'NODE_SECRET (without one: node-secret in DATA_DIR) is not the secret that the keys of the unattended agents ' +
          'in this database are sealed with.',
      );
    }
  }
}
