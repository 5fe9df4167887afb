import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  readonly status: number;
  /** Status line and headers, in lower case. */
  readonly head: string;
  readonly body: string;
}

/** Sends bytes as they are, and returns all that comes until the connection ends. */
export async function exchangeWith(url: string, request: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  return answerOf(await text(socket));
}

export function answerOf(answer: string): RawAnswer {
  const end = answer.indexOf('\r\n\r\n');
  return {
    status: Number(answer.slice(9, 12)),
    head: answer.slice(0, end).toLowerCase(),
    body: answer.slice(end + 4),
  };
}

/** A request without a body, on a connection that ends with it. */
export function rawRequest(path: string, headers: readonly string[], method = 'GET'): string {
  return [`${method} ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers, '', ''].join(
    '\r\n',
  );
}
