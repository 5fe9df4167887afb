/** Somebody stopped the comparison; what was measured before stands. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** What work comes to, unless it is stopped before: then it is left to itself. @throws StoppedError */
export async function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const settled = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => {
      reject(new StoppedError('the comparison was stopped'));
    };
    signal.addEventListener('abort', stop, { once: true, signal: settled.signal });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    settled.abort();
  }
}
