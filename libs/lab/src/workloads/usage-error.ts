/** A request that cannot be carried out. Its message is one line for the user; nothing was written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
