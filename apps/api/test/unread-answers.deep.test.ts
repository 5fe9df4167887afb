import { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { untilEqual } from '../../../test/support/until.js';
import { UnreadAnswers, boundUnreadAnswers } from '../src/http/unread-answers.js';

const MEBIBYTE = 1_048_576;
/** What a kernel may hold of one answer that nobody reads is less than this. */
const ANSWER_BYTES = 15 * MEBIBYTE;

let http: FastifyInstance;
let url: string;
let sockets: Socket[];

/** Asks and reads nothing. */
function askAndStare(path: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: musubi\r\n\r\n`);
  sockets.push(socket);
  return socket;
}

const untilStatus = (expected: number): Promise<number> => untilEqual(expected, () => statusOf('/large'));
const statusOf = async (path: string): Promise<number> => {
  const answer = await fetch(`${url}${path}`);
  await answer.arrayBuffer();
  return answer.status;
};

beforeEach(async () => {
  sockets = [];
  http = fastify({ forceCloseConnections: true });
  boundUnreadAnswers(http);
  http.get('/large', () => 'x'.repeat(ANSWER_BYTES));
  http.get('/health/live', () => 'ok');
  await http.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(http.server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await http.close();
});

describe('answers that nobody reads', () => {
  it('are bounded for each network: what comes then is refused, with a problem that can be repeated', async () => {
    askAndStare('/large');
    askAndStare('/large');
    await untilStatus(503);

    const refused = await fetch(`${url}/large`);

    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(await refused.json()).toMatchObject({ type: 'urn:musubi:problem:unavailable', retryable: true });
  });

  it('leave probes alone', async () => {
    askAndStare('/large');
    askAndStare('/large');
    await untilStatus(503);

    expect(await statusOf('/health/live')).toBe(200);
  });

  it('count no more once their connection is gone', async () => {
    const unread = [askAndStare('/large'), askAndStare('/large')];
    await untilStatus(503);

    for (const socket of unread) socket.destroy();

    await untilStatus(200);
  });

  it('do not count where each is read before the next is asked for', async () => {
    for (let time = 0; time < 5; time += 1) {
      expect(await statusOf('/large')).toBe(200);
    }
  });
});

describe('answers that many networks do not read', () => {
  it('keep nobody else from asking, only from large answers', () => {
    const unread = new UnreadAnswers();
    const responses = ['a', 'b', 'c', 'd', 'e'].map((network) => {
      const response = new ServerResponse(new IncomingMessage(new Socket()));
      unread.hold(network, 15 * MEBIBYTE, response);
      return response;
    });

    expect(() => {
      unread.assertRoom('innocent');
    }).not.toThrow();
    expect(() => {
      unread.assertRoom('innocent', MEBIBYTE);
    }).toThrow('Too many answers are unread');
    expect(() => {
      unread.assertRoom('a', MEBIBYTE);
    }).toThrow('Too many answers are unread');

    for (const response of responses) response.emit('close');
    unread.assertRoom('innocent', MEBIBYTE);
  });
});
