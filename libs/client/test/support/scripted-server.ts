import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request. */
export type Reply = (response: ServerResponse, received: Received) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** An HTTP server that answers the requests as they come, each by the next reply; the last one answers all further ones. */
export async function scriptedServer(...replies: readonly Reply[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const reply = replies[Math.min(received.length, replies.length - 1)];
      const one = { method, path: url, headers, body };
      received.push(one);
      reply?.(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, received, close };
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
  };

export const problem = (status: number, code: string, retryable: boolean, retryAfter?: string): Reply =>
  json(
    status,
    { type: `urn:musubi:problem:${code}`, title: code, status, detail: `${code}.`, retryable },
    retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  );

/** The connection ends without an answer. */
export const cut: Reply = (response) => {
  response.destroy();
};

/** No answer comes. */
export const silent: Reply = () => undefined;

/** A stream that has sent this, and ends, or goes on in silence. */
export const stream =
  (sent: string, { ends }: { readonly ends: boolean }): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sent);
    if (ends) response.end();
  };
