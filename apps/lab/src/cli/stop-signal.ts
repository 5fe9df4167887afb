import { performance } from 'node:perf_hooks';

/**
 * One Ctrl-C reaches a program twice when npm runs it: from the terminal, and from npm. The milliseconds are counted once the
 * first signal has been dealt with: that may take longer on a busy machine, and the second may be there all the while.
 */
const SAME_MS = 1000;

/** Of a program that was interrupted: 128 and the number of the signal. */
export const STOPPED_EXIT = 130;

/** Ctrl-C ends the comparison with what there is; another one, later, ends everything. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  let since = Infinity;
  const stop = (): void => {
    if (stopping.signal.aborted && performance.now() - since > SAME_MS) process.exit(STOPPED_EXIT);
    if (stopping.signal.aborted) return;
    setImmediate(() => (since = performance.now()));
    stopping.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}
