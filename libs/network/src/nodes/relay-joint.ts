import { type TLSSocket } from 'node:tls';

interface JointLimits {
  /** Both ways. */
  readonly maxBytes: number;
  /** Resolves when the joint has lasted long enough, or the signal aborts. */
  readonly late: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Passes bytes between two connections until one ends, or a limit is met. A slow reader slows its writer. */
export async function join(
  ends: readonly [TLSSocket, TLSSocket],
  { late, maxBytes, signal }: JointLimits,
): Promise<void> {
  const [one, other] = ends;
  const ended = new AbortController();
  let bytes = 0;
  const over = new Promise<void>((resolve) => {
    for (const end of ends) {
      end.once('close', resolve);
      end.on('data', (part: Uint8Array) => {
        bytes += part.length;
        if (bytes > maxBytes) resolve();
      });
    }
  });
  one.pipe(other);
  other.pipe(one);
  const stopped = AbortSignal.any([signal, ended.signal]);
  await Promise.race([over, late(stopped)]);
  ended.abort('ended');
}
