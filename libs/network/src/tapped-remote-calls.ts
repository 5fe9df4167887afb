import { type AgentPubKey, type Clock, type Timestamp } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type StopServing,
} from './remote-calls.js';

/** What a call shows on an encrypted wire: its ends, its time and its lengths; not which function, nor the payload. */
export interface TappedCall {
  readonly from: AgentPubKey;
  readonly to: AgentPubKey;
  /** When it left. */
  readonly at: Timestamp;
  readonly requestBytes: number;
  /** `null` when no reply came. */
  readonly replyBytes: number | null;
}

/** Remote calls with somebody listening, told of each call when it has ended. A call that never leaves is not heard. */
export class TappedRemoteCalls implements RemoteCalls {
  constructor(
    private readonly inner: RemoteCalls,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly listen: (call: TappedCall) => void,
  ) {}

  serve(fn: string, answer: RemoteFunction): StopServing {
    return this.inner.serve(fn, answer);
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const at = this.clock.now();
    const outcome = await this.inner.call(call);
    if (outcome.kind !== 'not-sent') {
      const { from, to, payload } = call;
      this.listen({ from, to, at, requestBytes: payload.length, replyBytes: replyBytes(outcome) });
    }
    return outcome;
  }
}

function replyBytes(outcome: RemoteCallOutcome): number | null {
  if (outcome.kind === 'ok') return outcome.reply.length;
  return outcome.kind === 'refused' ? outcome.code.length : null;
}
