import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { type InFlight } from './in-flight.js';
import { type LinkMessage } from './link-message.js';
import { LinkRefusedError, type Refusals } from './refusals.js';

/** Answers calls of other nodes for the agents of this one. Never rejects. */
export type ServeCall = (call: RemoteCall) => Promise<RemoteCallOutcome>;

export type ReplyMessage = LinkMessage & { readonly kind: 'reply' };

export interface IncomingCallsParts {
  readonly serve: ServeCall;
  readonly inFlight: InFlight;
  readonly refusals: Refusals;
  readonly isProven: (call: RemoteCall) => boolean;
  /** @param onFlushed once the reply has left, and is no longer in memory */
  readonly reply: (message: ReplyMessage, onFlushed: () => void) => void;
}

/** Refusals that may wait for a peer that does not read. One that keeps the limits never needs them. */
const MAX_REFUSALS = 64;

/** The calls of the other node on one link. */
export class IncomingCalls {
  private serving = 0;
  private refusing = 0;
  /** What ends when the reply has left, or the link was cut. */
  private readonly leaving = new Set<() => void>();
  private isCut = false;

  constructor(
    private readonly parts: IncomingCallsParts,
    private readonly onIdle: () => void,
  ) {}

  get isIdle(): boolean {
    return this.serving === 0 && this.refusing === 0;
  }

  /** @param bytes of the frame. @throws LinkRefusedError when the peer ignores its refusals */
  take(id: number, call: RemoteCall, bytes: number): void {
    if (!this.parts.isProven(call)) this.refuse(id, 'unproven-caller');
    else if (this.parts.inFlight.take(bytes)) void this.serve(id, call, bytes);
    else this.refuse(id, 'busy');
  }

  /** The link was cut: no reply leaves any more. */
  cut(): void {
    this.isCut = true;
    for (const end of this.leaving) end();
  }

  /** A call counts until its reply has left: a peer that does not read gets no more answers than that. */
  private async serve(id: number, call: RemoteCall, bytes: number): Promise<void> {
    const { inFlight, refusals, serve } = this.parts;
    this.serving += 1;
    const outcome = await serve(call);
    if (outcome.kind === 'not-sent') refusals.note('absent-callee');
    this.reply({ kind: 'reply', id, outcome }, () => {
      inFlight.release(bytes);
      this.serving -= 1;
    });
  }

  private refuse(id: number, code: 'busy' | 'unproven-caller'): void {
    this.parts.refusals.note(code);
    if (this.refusing >= MAX_REFUSALS) throw new LinkRefusedError('flood');
    this.refusing += 1;
    this.reply({ kind: 'reply', id, outcome: { kind: 'refused', code, retryable: true } }, () => {
      this.refusing -= 1;
    });
  }

  private reply(message: ReplyMessage, onGone: () => void): void {
    const end = (): void => {
      if (!this.leaving.delete(end)) return;
      onGone();
      if (this.isIdle) this.onIdle();
    };
    this.leaving.add(end);
    if (this.isCut) end();
    else this.parts.reply(message, end);
  }
}
