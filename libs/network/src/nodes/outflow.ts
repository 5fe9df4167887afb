import { type SecureChannel } from './secure-channel.js';

export interface OutgoingFrame {
  readonly bytes: Uint8Array;
  /** The channel has it: from now on the other side may get it. */
  readonly onHanded?: () => void;
  /** It has left this process. */
  readonly onFlushed?: () => void;
}

/** What the channel has at once: the rest waits here, where a cut is known to come before it was sent. */
const HANDED_BYTES = 256 * 1024;

/** The frames of one link on their way to its channel. */
export class Outflow {
  private readonly waiting: OutgoingFrame[] = [];
  private handedBytes = 0;

  constructor(private readonly channel: Pick<SecureChannel, 'write'>) {}

  push(frame: OutgoingFrame): void {
    this.waiting.push(frame);
    this.pump();
  }

  /** Ahead of what waits. */
  pushFirst(frame: OutgoingFrame): void {
    this.waiting.unshift(frame);
    this.pump();
  }

  /** @returns false when the channel has it already */
  withdraw(frame: OutgoingFrame): boolean {
    const index = this.waiting.indexOf(frame);
    if (index >= 0) this.waiting.splice(index, 1);
    return index >= 0;
  }

  private pump(): void {
    for (;;) {
      const next = this.waiting[0];
      if (next === undefined || !this.hasRoomFor(next.bytes.length)) return;
      this.waiting.shift();
      this.hand(next);
    }
  }

  private hasRoomFor(bytes: number): boolean {
    return this.handedBytes === 0 || this.handedBytes + bytes <= HANDED_BYTES;
  }

  private hand({ bytes, onHanded, onFlushed }: OutgoingFrame): void {
    this.handedBytes += bytes.length;
    onHanded?.();
    this.channel.write(bytes, () => {
      this.handedBytes -= bytes.length;
      onFlushed?.();
      this.pump();
    });
  }
}
