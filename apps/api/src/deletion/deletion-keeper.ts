import { type Listening, type Sql } from '@musubi/database';
import { type AgentPubKey } from '@musubi/messaging';
import { type AgentDeletion } from '@musubi/node';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type DirectoryStore } from '../agents/directory.store.js';
import { type Config } from '../config/config.js';
import { type AgentLifecycle } from '../node/agent-lifecycle.js';
import { type ServiceNode } from '../node/service-node.js';

/** Told to the other processes of the node when an agent is deleted. */
const CHANNEL = 'musubi_deletions';
/** Until what was interrupted, or failed, is tried again. Milliseconds. */
const PAUSE_MS = 30_000;

interface DeletionKeeperParts {
  readonly config: Pick<Config, 'databaseUrl'>;
  readonly node: Pick<ServiceNode, 'clock' | 'fences' | 'listen' | 'log' | 'network'>;
  readonly deletion: AgentDeletion;
  readonly life: AgentLifecycle;
  readonly directory: DirectoryStore;
}

/** Deletes the rows of deleted agents in the background, from a start of the service on, and hears of other processes' deletions. */
export class DeletionKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private listening: Listening | undefined;

  constructor(private readonly parts: DeletionKeeperParts) {
    const { directory, life } = parts;
    life.onLeave((agent) => {
      directory.forget(agent);
    });
  }

  onApplicationBootstrap(): void {
    const { config, node } = this.parts;
    this.running = this.clearUntilStopped();
    // Nobody else can delete an agent in a database that is this process's own.
    if (config.databaseUrl === undefined) return;
    this.listening = node.listen(CHANNEL, () => {
      node.fences.refreshDeleted().catch(() => {
        node.log.warn('deletions-not-read');
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort('over');
    await this.listening?.close();
    await this.running;
  }

  /** There is work. */
  poke(): void {
    this.pause.abort('poked');
  }

  async tellOthers(tx: Sql): Promise<void> {
    if (this.parts.config.databaseUrl !== undefined)
      await tx.query('select pg_notify($1, $2)', [CHANNEL, '']);
  }

  private async clearUntilStopped(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.pause = new AbortController();
      await this.clear();
      const wakers = AbortSignal.any([this.pause.signal, this.stopping.signal]);
      await this.parts.node.clock.sleep(PAUSE_MS, wakers);
    }
  }

  private async clear(): Promise<void> {
    // One that was told of in vain, or whose commit nobody has heard of, is not to stay unlocked here.
    await this.orNoted(() => this.parts.node.fences.refreshDeleted());
    const agents = await this.orNoted(() => this.parts.deletion.unfinished());
    for (const agent of agents ?? []) await this.orNoted(() => this.clearOne(agent));
  }

  /** What fails is tried again after the pause, and keeps no other agent's rows. */
  private async orNoted<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await work();
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      this.parts.node.log.warn('deletion-interrupted', { error: name });
      return undefined;
    }
  }

  private clearOne(agent: AgentPubKey): Promise<void> {
    const { deletion, node } = this.parts;
    return deletion.clear(agent, this.stopping.signal, async () => {
      await node.network.links?.forget(agent);
    });
  }
}
