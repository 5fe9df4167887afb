import { type Clock } from '@musubi/messaging';

export interface SimWeather {
  /** How long a segment is under way, from and to, evenly. */
  readonly delayMs: readonly [number, number];
  /** The share of segments that are lost, and sent again after `retransmitMs`. */
  readonly loss: number;
  readonly retransmitMs: number;
  /** In bytes; half as many on the average. */
  readonly longestSegment: number;
}

interface SimPipeParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: () => number;
  readonly weather: SimWeather;
  /** Resolves when neither end stands still. */
  readonly whenMoving: () => Promise<void>;
  readonly onData: (bytes: Uint8Array) => Promise<void> | void;
  /** The bytes before `cutAfter` have arrived. */
  readonly onCut: () => void;
  readonly cutAfter: number;
}

/** What the sender's system takes before the receiver has it. */
const BUFFER_BYTES = 64 * 1024;

/**
 * One direction of a simulated connection. It behaves as TCP does: segments are delayed, lost, sent again and overtake
 * one another; what comes out is in order, in pieces of other sizes.
 */
export class SimPipe {
  private isDead = false;
  private written = 0;
  private arrived = 0;
  private tail: Promise<void> = Promise.resolve();
  private readonly flushes: { readonly end: number; readonly onFlushed: () => void }[] = [];

  constructor(private readonly parts: SimPipeParts) {}

  write(bytes: Uint8Array, onFlushed: () => void): void {
    if (this.isDead) return;
    const { random, weather } = this.parts;
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(bytes.length, start + 1 + Math.floor(random() * weather.longestSegment));
      this.send(bytes.slice(start, end));
      start = end;
    }
    this.written += bytes.length;
    this.flushes.push({ end: this.written, onFlushed });
    queueMicrotask(() => {
      this.flush();
    });
  }

  /** After everything that was written. */
  afterAll(what: () => void): void {
    this.tail = this.tail.then(() => {
      if (!this.isDead) what();
    });
  }

  /** Whatever is under way is lost. */
  kill(): void {
    this.isDead = true;
  }

  private send(segment: Uint8Array): void {
    const travelled = this.travel();
    this.tail = this.tail.then(async () => {
      await travelled;
      await this.parts.whenMoving();
      await this.arrive(segment);
    });
  }

  private async travel(): Promise<void> {
    const { clock, random, weather } = this.parts;
    const [from, to] = weather.delayMs;
    let ms = from + random() * (to - from);
    while (random() < weather.loss) ms += weather.retransmitMs;
    await clock.sleep(ms);
  }

  private async arrive(segment: Uint8Array): Promise<void> {
    if (this.isDead) return;
    const { cutAfter, onCut, onData } = this.parts;
    const part = segment.subarray(0, Math.max(0, cutAfter - this.arrived));
    this.arrived += part.length;
    if (part.length > 0) await onData(part);
    this.flush();
    if (this.arrived < cutAfter) return;
    this.isDead = true;
    onCut();
  }

  private flush(): void {
    while (!this.isDead && (this.flushes[0]?.end ?? Infinity) - this.arrived <= BUFFER_BYTES)
      this.flushes.shift()?.onFlushed();
  }
}
