import { type CommitPoint, type CommitHooks, type Committing } from '@musubi/cell';
import { type Log } from '@musubi/messaging';

/** Commits that a test can look at, or hold up, at their last moment. */
export class WatchedCommits implements CommitHooks {
  atCommit: ((point: CommitPoint) => Promise<void>) | undefined;

  constructor(private readonly inner: CommitHooks) {}

  run<Result>(point: CommitPoint, transaction: Committing<Result>): Promise<Result> {
    const { atCommit } = this;
    if (atCommit === undefined) return this.inner.run(point, transaction);
    return this.inner.run(point, (fault) =>
      transaction(async (tx) => {
        await atCommit(point);
        await fault?.(tx);
      }),
    );
  }
}

/** Keeps what is logged, as it would be written. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];

  warn(event: string, fields: Readonly<Record<string, string | number>> = {}): void {
    this.lines.push(JSON.stringify({ event, ...fields }));
  }
}
