import { type Log, MessagingError } from '@musubi/messaging';

/** As many as Holochain's conductor runs at a time, and keeps waiting. */
const AT_ONCE = 5;
const MAX_WAITING = 100;

/**
 * Work that leaves after a commit. It cannot fail the commit, is told to nobody but the log, and is gone with
 * the process: that is what a post-commit hook is.
 */
export class PostCommitHooks {
  private readonly waiting: (() => Promise<unknown>)[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly log: Log) {}

  run(hook: () => Promise<unknown>): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.log.warn('post-commit-dropped');
      return;
    }
    this.waiting.push(hook);
    this.fill();
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private fill(): void {
    while (this.running.size < AT_ONCE) {
      const hook = this.waiting.shift();
      if (hook === undefined) return;
      const run = this.perform(hook).finally(() => {
        this.running.delete(run);
        this.fill();
      });
      this.running.add(run);
    }
  }

  private async perform(hook: () => Promise<unknown>): Promise<void> {
    try {
      await hook();
    } catch (error) {
      this.log.warn('post-commit-failed', {
        code: error instanceof MessagingError ? error.code : 'internal',
      });
    }
  }
}
