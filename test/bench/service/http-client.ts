import { Agent as Connections, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Asked {
  readonly token: string;
  /** Sent as JSON by POST; without one it is a GET. */
  readonly body?: object;
  /** Seconds that the answer may wait for delivery. */
  readonly wait?: number;
}

/** Plain HTTP/1.1 over connections that are kept: the least work for a client that shares the service's two cores. */
export class HttpClient {
  private readonly connections = new Connections({ keepAlive: true });

  constructor(private readonly url: string) {}

  async ask(path: string, { token, body, wait }: Asked): Promise<Answer> {
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(content === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': content.length }),
      ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
    };
    const method = content === undefined ? 'GET' : 'POST';
    return new Promise((resolve, reject) => {
      const asking = request(`${this.url}${path}`, { method, headers, agent: this.connections });
      asking.on('error', reject);
      asking.on('response', (response) => {
        text(response).then((read) => {
          resolve({ status: response.statusCode ?? 0, body: read });
        }, reject);
      });
      asking.end(content);
    });
  }

  close(): void {
    this.connections.destroy();
  }
}
