import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from './support/client.js';
import { type TestService, openService } from './support/open-service.js';
import { answerOf } from './support/raw-exchange.js';

const MIB = 1024 * 1024;
const FIRST_BYTES = 65_536;
const BINARY = 'content-type: application/octet-stream';
const JSON_TYPE = 'content-type: application/json';
const AGENT = 'content-type: application/vnd.musubi.agent';
const BASIC = `authorization: Basic ${Buffer.from(`${'A'.repeat(43)}:passphrase`).toString('base64')}`;
const CHUNKED = 'transfer-encoding: chunked';

let service: TestService;
let signedIn: string;

beforeAll(async () => {
  service = await openService({ FILES_MB_PER_AGENT: '16' });
  const alice = await new Client(service.url).newAgent('alice');
  signedIn = `authorization: Bearer ${alice.token}`;
});

afterAll(() => service.close());

/** A connection that keeps all that came over it. */
class Exchange {
  received = '';
  readonly socket: Socket;
  readonly end: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.end = finished(this.socket, { writable: false });
    this.end.catch(() => undefined);
    this.socket.on('data', (bytes: Buffer) => (this.received += bytes.toString()));
  }

  ask(path: string, ...headers: string[]): void {
    this.socket.write([`POST ${path} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n'));
  }

  /** Writes as fast as the service reads. */
  async write(bytes: number, chunked = false): Promise<void> {
    const piece = Buffer.alloc(FIRST_BYTES);
    const framed = chunked ? Buffer.concat([Buffer.from('10000\r\n'), piece, Buffer.from('\r\n')]) : piece;
    for (let sent = 0; sent < bytes; sent += FIRST_BYTES)
      if (!this.socket.write(framed)) await Promise.race([once(this.socket, 'drain'), this.end]);
  }

  async answers(count: number): Promise<void> {
    const isThere = (): boolean => {
      const parts = this.received.split('HTTP/1.1 ').slice(1);
      return parts.length === count && (parts.at(-1)?.endsWith('}') ?? false);
    };
    while (!isThere()) await Promise.race([once(this.socket, 'data'), this.end.then(() => endedEarly())]);
  }
}

function endedEarly(): never {
  throw new Error('The connection ended before its answer.');
}

describe('a request that is refused before it has arrived whole', () => {
  it.each<[string, string, number, () => string[]]>([
    ['without a session', '/v1/files?name=a', 401, () => [BINARY, `content-length: ${4 * MIB}`]],
    ['of an unknown path', '/v1/nothing', 404, () => [BINARY, `content-length: ${4 * MIB}`]],
    ['of another type', '/v1/agents', 415, () => ['content-type: text/plain', `content-length: ${MIB}`]],
    ['of a file without a name', '/v1/files', 422, () => [signedIn, BINARY, `content-length: ${4 * MIB}`]],
    ['of a file too large', '/v1/files?name=a', 413, () => [signedIn, BINARY, `content-length: ${16 * MIB}`]],
    [
      'of an agent without a passphrase',
      '/v1/agents/import',
      401,
      () => [AGENT, `content-length: ${4 * MIB}`],
    ],
    [
      'of an agent that a node alone cannot take',
      '/v1/agents/import',
      409,
      () => [AGENT, BASIC, `content-length: ${4 * MIB}`],
    ],
    ['of too much JSON', '/v1/agents', 413, () => [JSON_TYPE, `content-length: ${4 * MIB}`]],
  ])('%s gets its answer, and may send the rest', async (_, path, status, headers) => {
    const exchange = new Exchange(service.url);
    const all = headers();
    const bytes = Number(all.at(-1)?.split(' ')[1]);
    exchange.ask(path, ...all, 'connection: close');
    await exchange.answers(1);

    await exchange.write(bytes);
    await exchange.end;

    expect(answerOf(exchange.received).status).toBe(status);
  });

  it.each([
    ['JSON', '/v1/agents', JSON_TYPE, 1],
    ['a file', '/v1/files?name=a', BINARY, 15 * MIB],
  ])('of too much %s of unknown length gets its answer', async (_, path, type, taken) => {
    const exchange = new Exchange(service.url);
    exchange.ask(path, signedIn, type, CHUNKED, 'connection: close');
    await exchange.write(taken + FIRST_BYTES, true);
    await exchange.answers(1);

    await exchange.write(MIB, true);
    exchange.socket.write('0\r\n\r\n');

    await exchange.end;
    expect(answerOf(exchange.received).status).toBe(413);
  });

  it('may be followed by another one on its connection', async () => {
    const exchange = new Exchange(service.url);
    exchange.ask('/v1/files?name=a', BINARY, `content-length: ${MIB}`);
    await exchange.answers(1);
    await exchange.write(MIB);
    exchange.ask('/v1/nothing', 'content-length: 0');

    await exchange.answers(2);

    expect(exchange.received).toContain('HTTP/1.1 404');
    exchange.socket.destroy();
  });

  it('is cut when it goes on after 16 MiB', async () => {
    const exchange = new Exchange(service.url);
    exchange.ask('/v1/files?name=a', BINARY, `content-length: ${1024 * MIB}`);
    await exchange.answers(1);

    await expect(Promise.all([exchange.write(1024 * MIB), exchange.end])).rejects.toThrow();
    expect(exchange.socket.bytesWritten).toBeLessThan(64 * MIB);
  });
});

describe('a request that is refused in the middle, and stops', () => {
  it('is cut when its time is over', async () => {
    const impatient = await openService({ REQUEST_TIMEOUT_MS: '400' });
    try {
      const exchange = new Exchange(impatient.url);
      exchange.ask('/v1/files?name=a', BINARY, `content-length: ${MIB}`);
      await exchange.answers(1);
      await exchange.end.catch(() => undefined);

      expect(answerOf(exchange.received).status).toBe(401);
    } finally {
      await impatient.close();
    }
  });
});
