/** What one agent's streams are told together, and what they read then: once for all that are as far. */
export class Wakes<Page> {
  private listeners = 0;
  private version = 0;
  private tellAll = (): void => undefined;
  private told = this.newWord();
  private readonly reading = new Map<string, Promise<Page>>();
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly subscribe: (tell: () => void) => () => void) {}

  join(): void {
    this.listeners += 1;
    this.unsubscribe ??= this.subscribe(() => {
      this.tell();
    });
  }

  /** @returns how many are left */
  leave(): number {
    this.listeners -= 1;
    if (this.listeners === 0) this.unsubscribe?.();
    return this.listeners;
  }

  /** Resolves at the next word. To be asked for before reading: what is committed meanwhile is told of, too. */
  next(): Promise<true> {
    return this.told;
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
    this.tellAll();
    this.told = this.newWord();
  }

  private newWord(): Promise<true> {
    return new Promise((resolve) => {
      this.tellAll = () => {
        resolve(true);
      };
    });
  }
}
