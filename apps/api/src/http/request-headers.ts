import { type IncomingMessage } from 'node:http';
import { type FastifyInstance } from 'fastify';
import { ApiError } from '../problem/api-error.js';

/** Given twice, the reader would choose one of them. Node keeps the first, proxies may keep the last. */
const SINGLE = new Set(['authorization', 'content-type', 'content-encoding', 'host', 'idempotency-key']);

/** RFC 9112 §3.2: a host that is none is refused. An address of IPv6 stands in brackets. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)"?/i;

/** Refuses what the headers say before a body is read: ambiguous ones, and encodings that are not taken. */
export function checkRequestHeaders(http: FastifyInstance): void {
  http.addHook('onRequest', (request, reply, done) => {
    const { headers, raw } = request;
    const error =
      ambiguityOf(raw) ??
      hostErrorOf(headers.host) ??
      transferErrorOf(headers['transfer-encoding']) ??
      encodingErrorOf(headers['content-encoding']) ??
      charsetErrorOf(headers['content-type']);
    if (error?.code === 'unsupported-media-type') void reply.header('accept-encoding', 'identity');
    done(error);
  });
}

function ambiguityOf({ rawHeaders, httpVersionMinor }: IncomingMessage): ApiError | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const seen = new Set<string>();
  for (const name of names) {
    if (SINGLE.has(name) && seen.has(name))
      return new ApiError('malformed', `The header ${name} occurs twice.`);
    seen.add(name);
  }
  const needsHost = httpVersionMinor > 0 && !seen.has('host');
  return needsHost ? new ApiError('malformed', 'HTTP/1.1 needs a Host header.') : undefined;
}

function hostErrorOf(host = ''): ApiError | undefined {
  return HOST.test(host) ? undefined : new ApiError('malformed', 'The Host header is no host.');
}

/** RFC 9112 §6.1: Node takes the chunks, and leaves what else was done to the body as it is. */
function transferErrorOf(coding: string | undefined): ApiError | undefined {
  if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return undefined;
  return new ApiError('not-implemented', 'The only Transfer-Encoding that is supported is chunked.');
}

function encodingErrorOf(encoding: string | undefined): ApiError | undefined {
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return undefined;
  return new ApiError('unsupported-media-type', 'No Content-Encoding is supported: send the body as it is.');
}

function charsetErrorOf(contentType: string | undefined): ApiError | undefined {
  const charset = CHARSET.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return undefined;
  return new ApiError('unsupported-media-type', 'JSON must be UTF-8: no other charset is supported.');
}
