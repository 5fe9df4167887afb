import { type RemoteCallOutcome } from '../remote-calls.js';
import { type Allowance } from './allowance.js';
import { type IncomingCalls } from './incoming-calls.js';
import { type LinkMessage } from './link-message.js';
import { type NodeKey } from './node-key.js';
import { type PeerService } from './peer-service.js';
import { LinkRefusedError, type RefusalReason } from './refusals.js';

export type AskMessage = LinkMessage & { readonly kind: 'ask' };

interface LinkQuestionsParts {
  readonly peer: NodeKey;
  readonly service: Pick<PeerService, 'answer'>;
  readonly served: Pick<IncomingCalls, 'takeQuestion' | 'refuse'>;
  /** Questions that the peer may ask. */
  readonly questions: Allowance;
  /** Closes the link. */
  readonly refuse: (reason: RefusalReason) => void;
}

/** What the other node itself asks on one link. Answers share the limits of calls. */
export class LinkQuestions {
  constructor(private readonly parts: LinkQuestionsParts) {}

  /** @throws LinkRefusedError when the peer ignores its refusals */
  take(message: AskMessage, bytes: number): void {
    const { questions, served } = this.parts;
    if (questions.take(1)) served.takeQuestion(message.id, bytes, () => this.answer(message));
    else served.refuse(message.id, 'busy');
  }

  private async answer({ payload, topic }: AskMessage): Promise<RemoteCallOutcome> {
    const { peer, refuse, service } = this.parts;
    try {
      return await service.answer({ peer, topic, payload });
    } catch (error) {
      if (error instanceof LinkRefusedError) refuse(error.reason);
      return { kind: 'refused', code: 'busy', retryable: true };
    }
  }
}
