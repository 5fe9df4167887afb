import { type Allowance } from './allowance.js';
import { type SecureChannel } from './secure-channel.js';

interface ThrottleParts {
  readonly allowance: Allowance;
  readonly channel: Pick<SecureChannel, 'pause' | 'resume'>;
  /** Aborts when the link closes. */
  readonly signal: AbortSignal;
}

/** Over the allowance, nothing more is read from a link until it is renewed. */
export class Throttle {
  private isResting = false;

  constructor(private readonly parts: ThrottleParts) {}

  spend(bytes: number): void {
    const { allowance, channel, signal } = this.parts;
    if (allowance.take(bytes) || this.isResting) return;
    this.isResting = true;
    channel.pause();
    void allowance.renewed().then(() => {
      this.isResting = false;
      if (signal.aborted) return;
      if (allowance.take(0)) channel.resume();
      else this.spend(0);
    });
  }
}
