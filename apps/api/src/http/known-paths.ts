import { type IncomingMessage, type Server } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError } from '../problem/api-error.js';

interface KnownPath {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

const SERVER = '*';

/**
 * Every server takes the address with scheme and host in the request line, too (RFC 9112 §3.2.2): what comes after sees
 * the path alone. The host in the request line replaces the header.
 */
export function takeAbsoluteForm(server: Server): void {
  server.prependListener('request', (request: IncomingMessage) => {
    const [, host, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? '') ?? [];
    if (host === undefined) return;
    request.headers.host = host;
    request.url = path.startsWith('/') ? path : `/${path}`;
  });
}

/**
 * A path that is known answers other methods than its own with 405 and `Allow`, and OPTIONS with `Allow` alone (RFC 9110
 * §15.5.6, §9.3.7); `OPTIONS *` with what any path has. To be called before there are routes.
 */
export function tellAllowedMethods(http: FastifyInstance): void {
  const known = new Map<string, KnownPath>();
  http.addHook('onRoute', ({ url, method }) => {
    const path = known.get(url) ?? { segments: url.split('/'), methods: new Set() };
    for (const name of [method].flat()) path.methods.add(name);
    known.set(url, path);
  });
  http.addHook('onRequest', async (request, reply) => {
    if (request.is404) await answerOtherMethod(request, reply, [...known.values()]);
  });
}

/** Else the body of a request that nothing answers would be read and parsed first. */
export function refuseUnknownPaths(http: FastifyInstance): void {
  http.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) done(new ApiError('not-found', 'There is nothing at this path.'));
    else done();
  });
}

/** @throws ApiError `method-not-allowed` when the path has other methods, `malformed` for `*` with another method */
async function answerOtherMethod(
  { url, method }: FastifyRequest,
  reply: FastifyReply,
  known: readonly KnownPath[],
): Promise<void> {
  if (url === SERVER && method !== 'OPTIONS')
    throw new ApiError('malformed', 'Only OPTIONS may ask for * instead of a path.');
  const segments = (url.split('?')[0] ?? '').split('/');
  const methods = new Set(
    known.flatMap((path) => (url === SERVER || isOf(segments, path.segments) ? [...path.methods] : [])),
  );
  if (methods.size === 0) return;
  void reply.header('allow', [...methods, 'OPTIONS'].sort().join(', '));
  if (method !== 'OPTIONS')
    throw new ApiError('method-not-allowed', 'This path does not support this method.');
  await reply.status(204).send();
}

function isOf(segments: readonly string[], pattern: readonly string[]): boolean {
  return (
    segments.length === pattern.length &&
    pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
