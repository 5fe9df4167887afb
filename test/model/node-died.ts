/** What an act sees of a process that dies: nothing any more. */
export class NodeDiedError extends Error {
  override readonly name = 'NodeDiedError';
}
