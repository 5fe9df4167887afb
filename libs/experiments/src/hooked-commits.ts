import { AsyncLocalStorage } from 'node:async_hooks';
import { type AtCommit, type CommitPoint, type CommitHooks, type Committing } from '@musubi/cell';

/** Commits of which a caller can give the next one something to do in its transaction. */
export class HookedCommits implements CommitHooks {
  private readonly pending = new AsyncLocalStorage<{ hook: AtCommit | undefined }>();

  constructor(private readonly inner: CommitHooks) {}

  /** Runs the work. The first commit that it begins calls the hook before COMMIT; what that throws undoes it. */
  withHook<Result>(hook: AtCommit, work: () => Promise<Result>): Promise<Result> {
    return this.pending.run({ hook }, work);
  }

  run<Result>(point: CommitPoint, transaction: Committing<Result>): Promise<Result> {
    const hook = this.take();
    if (hook === undefined) return this.inner.run(point, transaction);
    return this.inner.run(point, (atCommit) =>
      transaction(async (tx) => {
        await hook(tx);
        await atCommit?.(tx);
      }),
    );
  }

  /** Once: a hook may call another cell, and what that commits is no commit of the caller's. */
  private take(): AtCommit | undefined {
    const pending = this.pending.getStore();
    const hook = pending?.hook;
    if (pending !== undefined) pending.hook = undefined;
    return hook;
  }
}
