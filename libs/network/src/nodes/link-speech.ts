import { type LinkMessage } from './link-message.js';
import { replyFrame, shortFrame } from './message-frames.js';
import { type Outflow } from './outflow.js';
import { LinkRefusedError } from './refusals.js';

/** Answers to pings that may wait for a peer that does not read. */
const MAX_PONGS = 4;

/** What this node says on one link, besides calls of its own. */
export class LinkSpeech {
  private pongs = 0;

  constructor(
    private readonly outflow: Pick<Outflow, 'push' | 'pushFirst'>,
    /** Nothing leaves any more. */
    private readonly isOver: () => boolean,
  ) {}

  say(message: LinkMessage): void {
    if (!this.isOver()) this.outflow.push({ bytes: shortFrame(message) });
  }

  reply(message: LinkMessage & { readonly kind: 'reply' }, onFlushed: () => void): void {
    this.outflow.push({ bytes: replyFrame(message), onFlushed });
  }

  /** Ahead of the calls that wait: a slow channel is not a dead one. */
  ping(): void {
    if (!this.isOver()) this.outflow.pushFirst({ bytes: shortFrame({ kind: 'ping' }) });
  }

  /** @throws LinkRefusedError for too many pings of a peer that does not read */
  pong(): void {
    if (this.pongs >= MAX_PONGS) throw new LinkRefusedError('flood');
    this.pongs += 1;
    const onFlushed = (): void => {
      this.pongs -= 1;
    };
    this.outflow.pushFirst({ bytes: shortFrame({ kind: 'pong' }), onFlushed });
  }
}
