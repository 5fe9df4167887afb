import { type FastifyReply } from 'fastify';

/** Aborts when the answer is sent, or nobody waits for it any more. */
export function goneOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    gone.abort();
  });
  if (raw.closed) gone.abort();
  return gone.signal;
}
