import { type Listening } from '@musubi/database';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Config } from '../config/config.js';
import { type ServiceNode } from '../node/service-node.js';
import { CONFIG, NODE } from '../node/tokens.js';
import { SESSIONS_CHANNEL } from './session.store.js';
import { Sessions } from './sessions.js';

/** Milliseconds between two sweeps: of lifetimes that are short, a quarter of the shortest. */
const LONGEST_PAUSE = 30_000;
const SHORTEST_PAUSE = 250;

/** Sweeps the sessions, and at once when another process tells that it has ended some. */
@Injectable()
export class SessionKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private listening: Listening | undefined;

  constructor(
    private readonly sessions: Sessions,
    @Inject(NODE) private readonly node: Pick<ServiceNode, 'clock' | 'log' | 'listen'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'databaseUrl' | 'sessionLifetimes'>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.sweepUntilStopped();
    // Nobody else can end a session in a database that is this process's own.
    if (this.config.databaseUrl === undefined) return;
    this.listening = this.node.listen(SESSIONS_CHANNEL, () => {
      this.pause.abort('told');
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort('over');
    await this.listening?.close();
    await this.running;
  }

  private async sweepUntilStopped(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.pause = new AbortController();
      await this.sweep();
      const wakers = AbortSignal.any([this.pause.signal, this.stopping.signal]);
      await this.node.clock.sleep(this.pauseMs(), wakers);
    }
  }

  /** What fails is tried again by the next sweep; until then requests judge sessions by themselves. */
  private async sweep(): Promise<void> {
    try {
      await this.sessions.sweep();
    } catch {
      this.node.log.warn('session-sweep-failed');
    }
  }

  private pauseMs(): number {
    const { attended, unattended } = this.config.sessionLifetimes;
    const times = [attended.idleMs, attended.maxMs, unattended.idleMs, unattended.maxMs];
    const shortest = Math.min(...times.map((ms) => ms ?? Infinity));
    return Math.max(SHORTEST_PAUSE, Math.min(LONGEST_PAUSE, shortest / 4));
  }
}
