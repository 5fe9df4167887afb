import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { ApiError, type ApiErrorCode } from '../problem/api-error.js';
import { type Problem, problemOf } from '../problem/problem.js';

/** How long a client may keep its side of a connection open that was answered and closed, in milliseconds. */
const LINGER_MS = 1_000;

const MALFORMED = ['malformed', 'This is not HTTP.'] as const;

/** What Node refuses before there is a request. */
const OF_NODE: Readonly<Record<string, readonly [ApiErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The request line and its headers are too large.'],
};

/** Node answers some requests by itself, without a body: those answers become problems too. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) {
    socket.destroy();
    return;
  }
  const [code, detail] = OF_NODE[error.code ?? ''] ?? MALFORMED;
  endWith(socket, new ApiError(code, detail));
}

/** Node drops `CONNECT` without an answer unless somebody listens. This is no proxy (RFC 9110 §9.1, §9.3.6). */
export function refuseTunnels(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node has let go of the connection: an error that nobody listens to would end the process.
    socket.on('error', () => undefined);
    endWith(
      socket,
      new ApiError('not-implemented', 'This service is no proxy: it does not support CONNECT.'),
    );
  });
}

/** Answers and closes. What the client still sends is dropped, so that it can read the answer first. */
function endWith(socket: Duplex, error: ApiError): void {
  socket.resume();
  socket.end(messageOf(problemOf(error)));
  const lingering = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(lingering);
  });
}

/** An `Expect` that is not `100-continue`. */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (_request: unknown, response: ServerResponse) => {
    const problem = problemOf(new ApiError('expectation-failed', 'Only Expect: 100-continue is supported.'));
    const body = JSON.stringify(problem);
    response.writeHead(problem.status, headersOf(body)).end(body);
  });
}

function messageOf(problem: Problem): string {
  const body = JSON.stringify(problem);
  const lines = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}

function headersOf(body: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
}

/** Node keeps the response of a connection's request under way on its socket, as `_httpMessage`. */
function hasAnswerBegun(socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}
