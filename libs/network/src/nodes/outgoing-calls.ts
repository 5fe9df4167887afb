import { type Clock } from '@musubi/messaging';
import { type RemoteCallOutcome } from '../remote-calls.js';
import { type InFlight } from './in-flight.js';
import { type OutgoingFrame, type Outflow } from './outflow.js';
import { LinkRefusedError } from './refusals.js';

interface AwaitedCall {
  readonly frame: OutgoingFrame;
  readonly end: (outcome: RemoteCallOutcome) => void;
  isHanded: boolean;
}

interface OutgoingCallsParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly inFlight: InFlight;
  readonly outflow: Pick<Outflow, 'push' | 'withdraw'>;
  /** How long a caller waits for the reply before the outcome is `unknown`. */
  readonly timeoutMs: number;
}

/** The calls of this node on one link that have no reply yet. */
export class OutgoingCalls {
  private readonly awaited = new Map<number, AwaitedCall>();
  private lastId = 0;

  constructor(
    private readonly parts: OutgoingCallsParts,
    private readonly onIdle: () => void,
  ) {}

  get isIdle(): boolean {
    return this.awaited.size === 0;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  async call(id: number, bytes: Uint8Array): Promise<RemoteCallOutcome> {
    const { clock, inFlight, timeoutMs } = this.parts;
    if (!inFlight.take(bytes.length)) return { kind: 'refused', code: 'busy', retryable: true };
    const waiting = new AbortController();
    void clock.sleep(timeoutMs, waiting.signal).then(() => {
      this.giveUp(id, `no reply within ${timeoutMs} ms`);
    });
    try {
      return await this.sent(id, bytes);
    } finally {
      this.awaited.delete(id);
      inFlight.release(bytes.length);
      // With a reason of its own: an exception made for each call that nobody looks at takes 0.1 ms.
      waiting.abort('answered');
      if (this.isIdle) this.onIdle();
    }
  }

  /** @throws LinkRefusedError for a reply to a call that there never was */
  settle(id: number, outcome: RemoteCallOutcome): void {
    if (id < 1 || id > this.lastId) throw new LinkRefusedError('unexpected-message');
    // Nobody waits any more for one that comes late.
    this.awaited.get(id)?.end(outcome);
  }

  /** The link was cut. */
  giveUpAll(): void {
    for (const id of [...this.awaited.keys()]) this.giveUp(id, 'the link was cut');
  }

  private sent(id: number, bytes: Uint8Array): Promise<RemoteCallOutcome> {
    return new Promise((resolve) => {
      const onHanded = (): void => {
        call.isHanded = true;
      };
      const call: AwaitedCall = { frame: { bytes, onHanded }, end: resolve, isHanded: false };
      this.awaited.set(id, call);
      this.parts.outflow.push(call.frame);
    });
  }

  private giveUp(id: number, detail: string): void {
    const call = this.awaited.get(id);
    if (call === undefined) return;
    if (!call.isHanded) this.parts.outflow.withdraw(call.frame);
    call.end({ kind: call.isHanded ? 'unknown' : 'not-sent', detail });
  }
}
