import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drained } from '../src/signals/drained.js';

const NEVER_MS = 600_000;
const open = new AbortController().signal;

const server = createServer();
let client: Socket;
let response: ServerResponse;

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answered = once(server, 'request');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  [, response] = (await answered) as [unknown, ServerResponse];
  response.on('error', () => undefined);
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** More than the kernel's buffers of a connection hold: 6 MiB each way, by tcp(7). */
function writeMuch(): void {
  response.write(Buffer.alloc(64 * 1_048_576));
}

describe('a wait for a client to read', () => {
  it('is over at once when nothing waits for the client', async () => {
    response.write('little');

    await drained(response, open, NEVER_MS);

    expect(response.destroyed).toBe(false);
  });

  it('lasts until the client reads, and leaves no listener', async () => {
    writeMuch();
    const before = response.listenerCount('close');
    const wait = drained(response, open, NEVER_MS);
    client.resume();

    await wait;

    expect(response.listenerCount('close')).toBe(before);
    expect(response.writableNeedDrain).toBe(false);
    expect(response.destroyed).toBe(false);
  });

  it('ends the connection of a client that reads nothing', async () => {
    writeMuch();
    const closed = once(response, 'close');

    await drained(response, open, 50);
    await closed;

    expect(response.destroyed).toBe(true);
  });

  it('is over when the stream is', async () => {
    writeMuch();
    const ending = new AbortController();
    const wait = drained(response, ending.signal, NEVER_MS);
    ending.abort();

    await wait;

    expect(response.destroyed).toBe(false);
  });
});
