import { type Clock, MessagingError, type Presence } from '@musubi/messaging';
import {
  type RemoteCall,
  type RemoteCallOutcome,
  type RemoteCalls,
  type RemoteFunction,
  type StopServing,
} from './remote-calls.js';

interface InProcessRemoteCallsOptions {
  readonly presence: Presence;
  readonly clock: Clock;
  /** How long a caller waits for the reply before the outcome is `unknown`. */
  readonly timeoutMs: number;
}

/** Agents of one node calling one another: no wire, the same four outcomes. */
export class InProcessRemoteCalls implements RemoteCalls {
  private readonly functions = new Map<string, { readonly answer: RemoteFunction }>();

  constructor(private readonly options: InProcessRemoteCallsOptions) {}

  serve(fn: string, answer: RemoteFunction): StopServing {
    if (this.functions.has(fn)) throw new Error(`${fn} is already served`);
    const served = { answer };
    this.functions.set(fn, served);
    return () => {
      // Unserving twice must not silence the next server.
      if (this.functions.get(fn) === served) this.functions.delete(fn);
    };
  }

  async call(call: RemoteCall): Promise<RemoteCallOutcome> {
    const served = this.functions.get(call.fn);
    if (served === undefined) return { kind: 'not-sent', detail: 'no such function is served' };
    if (!this.options.presence.isOnline(call.to))
      return { kind: 'not-sent', detail: 'the callee is offline' };
    const waiting = new AbortController();
    try {
      return await Promise.race([outcomeOf(served.answer, call), this.timeout(waiting.signal)]);
    } finally {
      // With a reason of its own: an exception made for each call that nobody looks at takes 0.1 ms.
      waiting.abort('answered');
    }
  }

  private async timeout(signal: AbortSignal): Promise<RemoteCallOutcome> {
    await this.options.clock.sleep(this.options.timeoutMs, signal);
    return { kind: 'unknown', detail: `no reply within ${this.options.timeoutMs} ms` };
  }
}

/**
 * Only an error of the protocol is a refusal, since only those are thrown with the callee's transaction
 * rolled back. Anything else (a connection lost on COMMIT, say) leaves the outcome open.
 */
async function outcomeOf(answer: RemoteFunction, call: RemoteCall): Promise<RemoteCallOutcome> {
  try {
    return { kind: 'ok', reply: await answer(call) };
  } catch (error) {
    if (error instanceof MessagingError) {
      return { kind: 'refused', code: error.code, retryable: error.retryable };
    }
    return { kind: 'unknown', detail: 'the callee failed' };
  }
}
