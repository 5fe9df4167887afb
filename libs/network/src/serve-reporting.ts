import { type Log, MessagingError } from '@musubi/messaging';
import { type RemoteCalls, type RemoteFunction, type StopServing } from './remote-calls.js';

/**
 * Serves a function, and reports what it refuses for good: no cell of ours makes such calls, so that somebody
 * forges, or is broken. The log learns which function and which error, and nothing of who, to whom, or what.
 */
export function serveReporting(
  { calls, log }: { readonly calls: Pick<RemoteCalls, 'serve'>; readonly log: Log },
  fn: string,
  answer: RemoteFunction,
): StopServing {
  return calls.serve(fn, async (call) => {
    try {
      return await answer(call);
    } catch (error) {
      if (error instanceof MessagingError && !error.retryable)
        log.warn('call-refused', { fn, code: error.code });
      throw error;
    }
  });
}
