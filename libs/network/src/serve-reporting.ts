import { type Log, MessagingError } from '@musubi/messaging';
import { type RemoteCalls, type RemoteFunction, type StopServing } from './remote-calls.js';

/**
 * Serves a function, and reports what it refuses for good: no cell of ours makes such calls, so that somebody
 * forges, or is broken. What its recipient does not want is no such thing. The log learns which function and which error, and nothing of who, to whom, or what.
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
      if (isReported(error)) log.warn('call-refused', { fn, code: error.code });
      throw error;
    }
  });
}

function isReported(error: unknown): error is MessagingError {
  return error instanceof MessagingError && !error.retryable && error.code !== 'recipient-refuses';
}
