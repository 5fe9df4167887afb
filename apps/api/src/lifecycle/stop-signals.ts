import { constants } from 'node:os';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C under `npm start` arrives twice, from the terminal and from npm, which passes it on. Within these milliseconds a
 * second signal is the same one. They are counted once the first has been dealt with: on a busy machine that takes longer,
 * and the second may be there all the while.
 */
const SAME_SIGNAL_MS = 250;

/**
 * Aborted by the first SIGINT or SIGTERM. A later one ends the process at once. Call it before anything else is
 * loaded: until then a signal ends Node as it ends any program.
 */
export function watchStopSignals(): AbortSignal {
  const stopping = new AbortController();
  let firstAt = Infinity;
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      if (!stopping.signal.aborted) {
        setImmediate(() => (firstAt = performance.now()));
        stopping.abort(new StoppedError(name));
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        process.exit(128 + constants.signals[name]);
      }
    });
  }
  return stopping.signal;
}

/** The process was asked to end. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';

  constructor(readonly signal: NodeJS.Signals) {
    super(`Stopped by ${signal}.`);
  }
}
