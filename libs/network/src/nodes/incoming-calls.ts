import { type RemoteCall, type RemoteCallOutcome } from '../remote-calls.js';
import { type InFlight } from './in-flight.js';
import { type LinkMessage } from './link-message.js';
import { type LinkSpeech } from './link-speech.js';
import { type NodeKey } from './node-key.js';
import { LinkRefusedError, type Refusals } from './refusals.js';

/** Answers calls of other nodes for the agents of this one. Never rejects. */
export type ServeCall = (call: RemoteCall, from: NodeKey) => Promise<RemoteCallOutcome>;

type ReplyMessage = LinkMessage & { readonly kind: 'reply' };

interface IncomingCallsParts {
  readonly serve: (call: RemoteCall) => Promise<RemoteCallOutcome>;
  readonly inFlight: InFlight;
  readonly refusals: Refusals;
  readonly isProven: (call: RemoteCall) => boolean;
  readonly speech: Pick<LinkSpeech, 'reply'>;
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
    else this.begin(id, bytes, () => this.serve(call));
  }

  /** A question of the node itself, which needs no agent. @throws LinkRefusedError when the peer ignores its refusals */
  takeQuestion(id: number, bytes: number, answer: () => Promise<RemoteCallOutcome>): void {
    this.begin(id, bytes, answer);
  }

  /** @throws LinkRefusedError when the peer ignores its refusals */
  refuse(id: number, code: 'busy' | 'unproven-caller'): void {
    this.parts.refusals.note(code);
    if (this.refusing >= MAX_REFUSALS) throw new LinkRefusedError('flood');
    this.refusing += 1;
    this.reply({ kind: 'reply', id, outcome: { kind: 'refused', code, retryable: true } }, () => {
      this.refusing -= 1;
    });
  }

  /** The link was cut: no reply leaves any more. */
  cut(): void {
    this.isCut = true;
    for (const end of this.leaving) end();
  }

  private async serve(call: RemoteCall): Promise<RemoteCallOutcome> {
    const outcome = await this.parts.serve(call);
    if (outcome.kind === 'not-sent') this.parts.refusals.note('absent-callee');
    return outcome;
  }

  private begin(id: number, bytes: number, work: () => Promise<RemoteCallOutcome>): void {
    if (this.parts.inFlight.take(bytes)) void this.answer(id, bytes, work);
    else this.refuse(id, 'busy');
  }

  /** A call counts until its reply has left: a peer that does not read gets no more answers than that. */
  private async answer(id: number, bytes: number, work: () => Promise<RemoteCallOutcome>): Promise<void> {
    const { inFlight } = this.parts;
    this.serving += 1;
    const outcome = await work();
    this.reply({ kind: 'reply', id, outcome }, () => {
      inFlight.release(bytes);
      this.serving -= 1;
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
    else this.parts.speech.reply(message, end);
  }
}
