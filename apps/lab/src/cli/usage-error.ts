/** What was asked for cannot be done as it was asked. One line for whoever asked; nothing was written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
