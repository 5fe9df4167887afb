export interface InFlightLimits {
  readonly calls: number;
  readonly bytes: number;
}

/** The calls of one peer, in one direction, that have no answer yet. */
export class InFlight {
  private calls = 0;
  private bytes = 0;

  constructor(private readonly limits: InFlightLimits) {}

  /** @returns false when the peer has too many already */
  take(bytes: number): boolean {
    if (this.calls >= this.limits.calls || this.bytes + bytes > this.limits.bytes) return false;
    this.calls += 1;
    this.bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.calls -= 1;
    this.bytes -= bytes;
  }
}
