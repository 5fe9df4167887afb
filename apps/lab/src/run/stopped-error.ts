/** Somebody stopped the comparison; what was measured before stands. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}
