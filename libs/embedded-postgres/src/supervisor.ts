import { setTimeout as sleepFor } from 'node:timers/promises';
import { EmbeddedPostgresLostError } from './embedded-postgres.errors.js';
import { type FreeSpace } from './free-space.js';
import { type ServerProcess, type StopMode } from './server-process.js';

/** How often in a row it may fail to start, or end soon after it did. */
const MOST_FAILURES = 6;
/** Who has lived for so many milliseconds ends for a reason of its own. */
const SOON_MS = 60_000;
const FIRST_WAIT_MS = 100;
const ROOM_WAIT_MS = 500;

interface SupervisorOptions {
  readonly relaunch: (signal: AbortSignal) => Promise<ServerProcess>;
  readonly space: Pick<FreeSpace, 'hasRoom' | 'look' | 'giveUpBallast'>;
  readonly serverLog: string;
  readonly warn: (message: string) => void;
}

/** Starts a server again that has ended although nobody asked it to, such as for want of room for its log. */
export class Supervisor {
  /** Resolves when no server runs any more, with the reason unless it was stopped. */
  readonly over: Promise<EmbeddedPostgresLostError | null>;
  private readonly stopping = new AbortController();
  private failures = 0;

  constructor(
    private server: ServerProcess,
    private readonly options: SupervisorOptions,
  ) {
    this.over = this.follow();
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Resolves when it is gone. Repeatable. */
  async stop(mode: StopMode, withinMs?: number): Promise<void> {
    this.stopping.abort(new Error('the server is stopped'));
    await this.server.stop(mode, withinMs);
    await this.over;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async follow(): Promise<EmbeddedPostgresLostError | null> {
    for (;;) {
      const begun = performance.now();
      await this.server.ended;
      if (this.isStopping()) return null;
      if (performance.now() - begun > SOON_MS) this.failures = 0;
      const lost = new EmbeddedPostgresLostError(this.server.pid, this.options.serverLog);
      this.options.warn(lost.message);
      const next = await this.revive();
      if (next === null) return this.isStopping() ? null : lost;
      this.server = next;
      this.options.warn(`PostgreSQL was started again (process ${next.pid}).`);
    }
  }

  /** `null` when it is to be stopped, or has failed too often. */
  private async revive(): Promise<ServerProcess | null> {
    const { signal } = this.stopping;
    while (!signal.aborted && this.failures < MOST_FAILURES) {
      const waitMs = FIRST_WAIT_MS * 2 ** this.failures;
      await sleepFor(waitMs, undefined, { signal }).catch(() => undefined);
      await this.findRoom();
      const next = await this.tryOnce();
      if (next !== null) return next;
    }
    return null;
  }

  private async tryOnce(): Promise<ServerProcess | null> {
    const { signal } = this.stopping;
    if (signal.aborted) return null;
    try {
      this.failures += 1;
      return await this.options.relaunch(signal);
    } catch {
      // A server that finds no room says nothing of what it is worth.
      if (!(await this.options.space.look())) this.failures -= 1;
      return null;
    }
  }

  /** Without room a server ends again before it is ready. */
  private async findRoom(): Promise<void> {
    const { space } = this.options;
    const { signal } = this.stopping;
    if ((await space.look()) || (await space.giveUpBallast())) return;
    while (!signal.aborted && !(await space.look()))
      await sleepFor(ROOM_WAIT_MS, undefined, { signal }).catch(() => undefined);
  }
}
