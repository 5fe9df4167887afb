/** What one agent's streams are told together, and what they read then: once for all that are as far. */
export class Wakes<Page> {
  private readonly listeners = new Set<object>();
  private version = 0;
  /** What ends the latest wait of each listener. */
  private readonly waits = new Map<object, (told: true) => void>();
  private readonly reading = new Map<string, Promise<Page>>();
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly subscribe: (tell: () => void) => () => void) {}

  join(listener: object): void {
    this.listeners.add(listener);
    this.unsubscribe ??= this.subscribe(() => {
      this.tell();
    });
  }

  /** @returns how many are left */
  leave(listener: object): number {
    this.listeners.delete(listener);
    this.waits.delete(listener);
    if (this.listeners.size === 0) this.unsubscribe?.();
    return this.listeners.size;
  }

  /**
   * Resolves at the next word, unless the listener asks again: what waits for an older promise can be forgotten. To be
   * asked for before reading: what is committed meanwhile is told of, too.
   */
  next(listener: object): Promise<true> {
    return new Promise((resolve) => {
      this.waits.set(listener, resolve);
    });
  }

  /** The same read for all who ask from the same place, unless there was word since it began. */
  share(place: string, read: () => Promise<Page>): Promise<Page> {
    const name = `${this.version} ${place}`;
    const known = this.reading.get(name);
    if (known !== undefined) return known;
    const page = read().finally(() => this.reading.delete(name));
    this.reading.set(name, page);
    return page;
  }

  private tell(): void {
    this.version += 1;
    for (const tell of this.waits.values()) tell(true);
    this.waits.clear();
  }
}
