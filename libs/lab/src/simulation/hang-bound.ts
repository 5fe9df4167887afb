/** Some thousand times as long as an act takes. It ends what would hang for good, and is no measure of anything. */
export const HANG_MS = 120_000;

/** Gives up waiting when nothing has ended for too long. */
export class HangBound {
  /** Resolves when it has. */
  readonly reached: Promise<null>;
  private hasReached = false;
  private readonly timer: NodeJS.Timeout;

  constructor(ms = HANG_MS) {
    let reach = (): void => undefined;
    this.reached = new Promise((resolve) => {
      reach = () => {
        resolve(null);
      };
    });
    this.timer = setTimeout(() => {
      this.hasReached = true;
      reach();
    }, ms);
  }

  get isReached(): boolean {
    return this.hasReached;
  }

  /** Something has ended: the time begins anew. */
  progress(): void {
    if (!this.hasReached) this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
